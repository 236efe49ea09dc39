"""Rules: pure functions over facts and chart. Standard library only; no clock, file, table, setting or log."""
