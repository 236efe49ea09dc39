"""Before the trial: who gets which arm, when it may stop, and whether it is large enough."""
