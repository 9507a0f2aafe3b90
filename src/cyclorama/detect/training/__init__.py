"""Fine-tuning: own loop, so that a resumed run is the same run; ``train.train`` does all."""
