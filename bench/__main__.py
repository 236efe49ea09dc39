"""Run every benchmark of the spine and write docs/bench.md: `make bench`.

The first run fills a small and a large clinic under var/bench, which takes some minutes; later ones use them again.
Nothing here touches a clinic's data.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.spine import PARTS, Row, median_ms, writer

ROOT = Path(__file__).parent.parent
SMALL, LARGE, ENTRIES_EACH = 100, 10_000, 100


def main() -> None:
    """Prepare the clinics, measure, and write the table."""
    small, large = prepared("small", SMALL), prepared("large", LARGE)
    rows = [*start_up(), *grown(measured(small, "pages"), measured(large, "pages"))]
    for part in ("long", "folds", "appends"):
        rows += measured(large, part)
    write(rows)


def prepared(name: str, courses: int) -> Path:
    """Return the home of a clinic of this size; one that was prepared earlier is used again."""
    home = ROOT / "var" / "bench" / name
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        subprocess.run([command(), "demo", "--fill-only"], check=True, env=env(home))
        subprocess.run([sys.executable, "-m", "bench", "grow", str(courses)], check=True, env=env(home), cwd=ROOT)
        (home / "ready").touch()
    return home


def measured(home: Path, part: str) -> list[Row]:
    """Measure one part in one clinic, in a process of its own."""
    call = [sys.executable, "-m", "bench", part]
    said = subprocess.run(call, check=True, env=env(home), cwd=ROOT, stdout=subprocess.PIPE)
    return [Row(*each) for each in json.loads(said.stdout.splitlines()[-1])]


def grown(small: list[Row], large: list[Row]) -> list[Row]:
    """Return the pages of both clinics, the large one's beside the small one's."""
    pairs = zip(small, large, strict=True)
    beside = [b._replace(against=f"{b.figure / a.figure:.2f} x that at {SMALL} courses") for a, b in pairs]
    return [*(row._replace(goal="") for row in small), *beside]


def start_up() -> list[Row]:
    """Measure the command's help and both starts of the demo."""
    with tempfile.TemporaryDirectory() as folder:
        here = env(Path(folder))

        def run(*words: str) -> None:
            subprocess.run([command(), *words], check=True, capture_output=True, env=here)

        helped = median_ms(9, lambda: run("--help"))
        bare = median_ms(9, lambda: subprocess.run([sys.executable, "-c", "import typer"], check=True))
        began = time.perf_counter()
        run("demo", "--fill-only")
        first = time.perf_counter() - began
        second = median_ms(3, lambda: run("demo", "--fill-only")) / 1000
    against = f"{helped / bare:.2f} x `python -c 'import typer'` ({bare:.0f} ms)"
    return [
        Row("`asklepion --help`", helped, "ms", "300 ms", against),
        Row("first `asklepion demo`, until it listens", first, "s", ""),
        Row("second `asklepion demo`, until it listens", second, "s", "5 s"),
    ]


def env(home: Path) -> dict[str, str]:
    """Return the environment of a clinic of the benchmarks."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASKLEPION_")}
    own = {"ASKLEPION_HOME": str(home), "ASKLEPION_DEMO": "1", "DJANGO_SETTINGS_MODULE": "asklepion.web.settings"}
    return kept | own


def command() -> str:
    return str(Path(sys.executable).parent / "asklepion")


def write(rows: list[Row]) -> None:
    """Write the table to docs/bench.md."""
    lines = [
        "# Speed, measured",
        "",
        f"One run of `make bench` on {datetime.now(UTC):%d %b %Y}: {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, SQLite (WAL, `synchronous=FULL`). Every course has {ENTRIES_EACH} entries or "
        "more. Times are medians of several runs after one that warms up, in the server, without the network. A bare "
        "row is one insert into a small table, committed as durably.",
        "",
        "Measures and models are measured beside their peers, each with a program of its own (`bench/signals.py`, "
        "`bench/person.py`, `bench/stats.py`, `bench/synthesis.py`); their tables are in [methods](methods/index.md).",
        "",
        "| what | measured | goal | against |",
        "| --- | --- | --- | --- |",
        *(f"| {row.what} | {row.figure:.3g} {row.unit} | {row.goal or 'none set'} | {row.against} |" for row in rows),
    ]
    (ROOT / "docs" / "bench.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def within(what: str, *words: str) -> None:
    """Do one part in the clinic that the environment names, and print what it found as JSON."""
    import django

    django.setup()
    if what == "grow":
        from asklepion.cli.start import progress
        from bench import clinic

        clinic.grow(int(words[0]), ENTRIES_EACH, progress=progress("Courses"))
    elif what == "writer":
        print(json.dumps(writer(int(words[0]), words[1])))
    else:
        print(json.dumps(PARTS[what]()))


if __name__ == "__main__":
    within(*sys.argv[1:]) if sys.argv[1:] else main()
