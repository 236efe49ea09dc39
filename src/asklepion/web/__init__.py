"""Doors: pages for staff and participants."""
