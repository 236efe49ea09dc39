"""Run every benchmark of the spine and write docs/bench.md: `make bench`. Takes about a quarter of an hour.

Nothing here touches a clinic's data: it works in a folder of its own that is thrown away.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
COURSES, ENTRIES_EACH, LONG, WRITERS, APPENDS = 10_000, 100, 5_000, 4, 150
Row = tuple[str, str, str, str]
"""What was measured, the figure, the goal, and what it is measured against."""


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="asklepion-bench-"))
    os.environ |= {
        "ASKLEPION_HOME": str(home),
        "ASKLEPION_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "asklepion.web.settings",
    }
    os.environ.pop("ASKLEPION_DATABASE_URL", None)
    rows: list[Row] = [*start_up(home)]
    import django

    django.setup()
    from bench import clinic

    rows += pages("100", 100, clinic)
    rows += pages(f"{COURSES:,}", COURSES, clinic)
    rows += long_chart(clinic)
    rows += appends(home)
    rows += folding(clinic)
    write(rows)


def best_of(times: int, work: Callable[[], object]) -> float:
    """Return the median of several runs, in milliseconds, after one that warms up."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def start_up(home: Path) -> list[Row]:
    """Measure the command's help and both starts of the demo."""
    asklepion = str(Path(sys.executable).parent / "asklepion")

    def run(*words: str) -> None:
        subprocess.run([asklepion, *words], check=True, capture_output=True, env=os.environ)

    helped = best_of(9, lambda: run("--help"))
    bare = best_of(9, lambda: subprocess.run([sys.executable, "-c", "import typer"], check=True))
    first = time.perf_counter()
    run("demo", "--fill-only")
    first = time.perf_counter() - first
    second = best_of(3, lambda: run("demo", "--fill-only"))
    return [
        (
            "`asklepion --help`",
            f"{helped:.0f} ms",
            "300 ms",
            f"{helped / bare:.2f} x `python -c 'import typer'` ({bare:.0f} ms)",
        ),
        ("first `asklepion demo`, until it listens", f"{first:.1f} s", "none set", "the same command the second time"),
        ("second `asklepion demo`, until it listens", f"{second / 1000:.2f} s", "5 s", "the first time"),
    ]


def signed_in(role: str):
    """Return a test client signed in as a demo account."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(username=role), backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def get(client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)


_small: dict[str, float] = {}


def pages(name: str, courses: int, clinic) -> list[Row]:
    """Measure the pages over many people and one chart in a clinic of this size."""
    from asklepion.cli.start import progress

    entries = clinic.grow(courses, ENTRIES_EACH, progress=progress(f"Courses of {name}"))
    client = signed_in("coordinator")
    asked = {
        "caseload page": "/",
        "caseload, filtered and sorted": "/?phase=sessions&sort=-score",
        "caseload, searched": "/?q=bk-0005",
        "chart page": "/courses/AK-0006/",
    }
    rows = []
    for what, address in asked.items():
        taken = best_of(15, lambda address=address: get(client, address))
        against = f"{taken / _small[what]:.2f} x that at 100 courses" if what in _small else "none"
        _small.setdefault(what, taken)
        goal = "100 ms" if what.startswith("caseload") and courses >= COURSES else "no growth"
        rows.append((f"{what}, {name} courses, {entries:,} entries", f"{taken:.0f} ms", goal, against))
    return rows


def long_chart(clinic) -> list[Row]:
    """Measure the chart of a course with thousands of entries: kept, and folded anew as after a restart."""
    from asklepion.record import folding

    code = "BK-00500"
    clinic.lengthen(code, LONG)
    client = signed_in("coordinator")
    warm = best_of(9, lambda: get(client, f"/courses/{code}/"))

    def cold() -> None:
        folding._charts.clear()
        get(client, f"/courses/{code}/")

    anew = best_of(5, cold)
    return [
        (f"chart page of {LONG:,} entries", f"{warm:.0f} ms", "150 ms", "its fold kept"),
        (
            "the same, first time after a restart",
            f"{anew:.0f} ms",
            "none set",
            f"{anew / warm:.1f} x with its fold kept",
        ),
    ]


def folding(clinic) -> list[Row]:
    from asklepion.core.chart import Chart, fold
    from asklepion.record.canonical import recorded_of
    from asklepion.record.models import LedgerEntry

    stored = list(LedgerEntry.objects.filter(course="BK-00500").order_by("seq"))
    entries = [recorded_of(each) for each in stored]
    read = best_of(5, lambda: [recorded_of(each) for each in stored]) * 1000 / len(stored)
    taken = best_of(9, lambda: fold(entries, Chart("BK-00500"))) * 1000 / len(entries)
    plain = best_of(9, lambda: [json.loads(each.body) for each in stored]) * 1000 / len(stored)
    return [
        ("fold, an entry", f"{taken:.1f} us", "none set", "values in memory"),
        (
            "read and check an entry",
            f"{read:.1f} us",
            "none set",
            f"{read / plain:.1f} x `json.loads` of its body ({plain:.1f} us)",
        ),
    ]


def appends(home: Path) -> list[Row]:
    """Measure appends by several writers at once, each to courses of its own, beside bare rows as durable."""
    code = (
        "import sys, json, time, django; django.setup()\n"
        "from asklepion.record import ledger; from asklepion.core.access import Role\n"
        "from asklepion.core.entries import Observed, Value\n"
        "from asklepion.record.models import Draft\n"
        "number, count = int(sys.argv[1]), int(sys.argv[2])\n"
        "by = ledger.Author('physician', Role.PHYSICIAN); taken = []\n"
        "bare = sys.argv[3] == 'bare'\n"
        "for each in range(count):\n"
        "    began = time.perf_counter()\n"
        "    if bare:\n"
        "        Draft.objects.create(account=str(number), course='b', scale='b', item=str(each), value=each)\n"
        "    else:\n"
        "        course = f'BK-{1000 + number * 200 + each % 20:05d}'\n"
        "        ledger.append(course, Observed((Value('heart-rate', 70.0, '/min'),)), by)\n"
        "    taken.append(time.perf_counter() - began)\n"
        "print(json.dumps(taken))\n"
    )

    def run(kind: str) -> tuple[list[float], float]:
        began = time.perf_counter()
        writers = [
            subprocess.Popen([sys.executable, "-c", code, str(n), str(APPENDS), kind], stdout=subprocess.PIPE)
            for n in range(WRITERS)
        ]
        taken = [each for writer in writers for each in json.loads(writer.communicate()[0])]
        return sorted(taken), time.perf_counter() - began

    bare, _ = run("bare")
    taken, _ = run("append")
    p50, p95 = (taken[int(len(taken) * part)] * 1000 for part in (0.5, 0.95))
    floor50, floor95 = (bare[int(len(bare) * part)] * 1000 for part in (0.5, 0.95))
    each_second = WRITERS / statistics.mean(taken)
    return [
        (
            f"append, {WRITERS} writers, median",
            f"{p50:.1f} ms",
            "none set",
            f"{p50 / floor50:.1f} x one bare row, same durability ({floor50:.1f} ms)",
        ),
        (
            f"append, {WRITERS} writers, p95",
            f"{p95:.1f} ms",
            "20 ms",
            f"{p95 / floor95:.1f} x one bare row ({floor95:.1f} ms)",
        ),
        (
            f"appends a second, {WRITERS} writers",
            f"{each_second:.0f}",
            "none set",
            f"{WRITERS / statistics.mean(bare):.0f} bare rows a second",
        ),
    ]


def write(rows: list[Row]) -> None:
    """Write the table to docs/bench.md."""
    lines = [
        "# Speed, measured",
        "",
        f"One run of `make bench` on {datetime.now(UTC):%d %b %Y}: {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, SQLite (WAL, `synchronous=FULL`). {COURSES:,} courses of {ENTRIES_EACH} entries "
        "or more. Times are medians of several runs after one that warms up, in the server, without the network.",
        "",
        "| what | measured | goal | against |",
        "| --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    (ROOT / "docs" / "bench.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
