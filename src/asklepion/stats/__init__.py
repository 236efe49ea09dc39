"""Inference: tables in, estimates out."""
