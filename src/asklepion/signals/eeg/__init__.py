"""EEG and MEG-like recordings: read, prepared as asked for, and measured per channel, region and epoch."""
