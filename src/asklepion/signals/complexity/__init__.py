"""Complexity: Lempel-Ziv counts, sample, multiscale and permutation entropy. Which definition is part of each name."""
