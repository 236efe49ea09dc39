"""EEG and MEG recordings: read, prepared as asked for, and measured per channel, region and epoch."""
