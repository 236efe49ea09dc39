"""Why: what carries the effect, for whom it is larger, and how much hangs on who treated."""
