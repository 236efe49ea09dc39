"""The facts that this process judges by: those that are shipped and those of the site."""

import os
from functools import cache
from pathlib import Path

from asklepion.knowledge.load import PACKAGED, Corpus, read
from asklepion.knowledge.types import Facts


@cache
def facts() -> Facts:
    """Return the shipped facts with those of the folders in ASKLEPION_FACTS, read once in a process.

    Raises ManyFaults with every fault of every file.
    """
    return corpus().facts()


@cache
def corpus() -> Corpus:
    """Return the same facts, each with the file that it stands in."""
    site = os.environ.get("ASKLEPION_FACTS", "")
    return read(PACKAGED, *(Path(folder) for folder in site.split(os.pathsep) if folder))
