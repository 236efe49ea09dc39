"""Benchmarks: each figure beside the peer or the floor that it is measured against, in one run, on one machine."""
