"""Cited facts: YAML files, their types, their loader and their checker. No behaviour."""
