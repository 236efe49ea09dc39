"""What commands share: Django made ready, JSON or a table printed, progress on the error stream."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def ready() -> None:
    """Set Django up. Call it first in every command that opens the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asklepion.web.settings")
    import django

    django.setup()


def migrate() -> None:
    """Bring the database to the present schema. Quick when it is there already."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def answer(value: object) -> None:
    """Print a value as JSON, dates in ISO form; what JSON cannot say, infinity and what is no number, is null."""
    print(json.dumps(_finite(value), indent=2, ensure_ascii=False, default=str, allow_nan=False))


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings, aligned; without colour or frame, so that it can be piped."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max([len(head), *(len(row[i]) for row in texts)]) for i, head in enumerate(headings)]
    for row in [list(headings), *texts]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def progress(what: str) -> Callable[[int, int], None]:
    """Return a callback `(done, total)` that keeps one line of the error stream up to date."""
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 if total == 0 else done * 100 // total
        if percent != shown:
            shown = percent
            end = "\n" if done >= total else "\r"
            print(f"{what}: {done} of {total}, {percent}%", end=end, file=sys.stderr, flush=True)

    return show
