"""Networks: ``detectors/faster_rcnn_mobilenet.py`` holds ``FasterRcnnMobilenet``."""
