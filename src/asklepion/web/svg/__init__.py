"""Drawings that the server makes: classes only, so that both themes, print and a strict policy hold."""
