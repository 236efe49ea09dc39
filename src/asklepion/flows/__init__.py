"""Corridors: one file per journey; the only place where the rooms meet."""
