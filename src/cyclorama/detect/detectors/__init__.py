"""Families of networks: ``detectors/faster_rcnn.py`` holds ``FasterRcnn``, whose ``variants`` are detectors by name."""
