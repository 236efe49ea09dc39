"""Inference: tables in, estimates out. No room is built yet."""
