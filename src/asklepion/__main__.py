"""Run the command with `python -m asklepion`."""

from asklepion.cli import main

if __name__ == "__main__":  # workers of the same machine import this again
    main()
