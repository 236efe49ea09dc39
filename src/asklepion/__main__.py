"""Run the command with `python -m asklepion`."""

from asklepion.cli import main

main()
