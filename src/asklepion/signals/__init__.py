"""Body and brain: arrays in, measures out. `complexity`, `heart`, `brain` and `lab` are rooms of their own."""
