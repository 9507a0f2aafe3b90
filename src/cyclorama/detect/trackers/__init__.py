"""Where a training can be watched beside its own metrics.jsonl: ``trackers/wandb.py`` holds ``Wandb``."""
