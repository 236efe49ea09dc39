"""Body and brain: arrays in, measures out. No room is built yet."""
