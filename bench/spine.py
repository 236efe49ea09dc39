"""What is measured of the spine, in the clinic that the environment names. Each part returns rows of the table."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

LONG, WRITERS, APPENDS, WARM = 5_000, 4, 150, 20


class Row(NamedTuple):
    """What was measured, the figure in its unit, the goal, and what it is measured against."""

    what: str
    figure: float
    unit: str
    goal: str
    against: str = ""


def median_ms(times: int, work: Callable[[], object]) -> float:
    """Return the median of several runs, in milliseconds, after one that warms up."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def pages() -> list[Row]:
    """Measure the pages over many people, and one chart among them."""
    from asklepion.record.models import Course, LedgerEntry

    size = f"{Course.objects.count():,} courses, {LedgerEntry.objects.count():,} entries"
    client = _signed_in("coordinator")
    asked = {
        "caseload page": "/",
        "caseload, filtered and sorted": "/?phase=sessions&sort=-score",
        "caseload, searched": "/?q=ak-0006",
        "chart page": "/courses/AK-0006/",
    }
    return [
        Row(f"{what}, {size}", median_ms(15, partial(_get, client, address)), "ms", "100 ms")
        for what, address in asked.items()
    ]


def long_chart() -> list[Row]:
    """Measure the chart of a course with thousands of entries: its fold kept, and folded anew as after a restart."""
    from asklepion.record import folding
    from bench import clinic

    code = "BK-00050"
    clinic.lengthen(code, LONG)
    client = _signed_in("coordinator")
    warm = median_ms(9, partial(_get, client, f"/courses/{code}/"))

    def cold() -> None:
        folding._charts.clear()
        _get(client, f"/courses/{code}/")

    anew = median_ms(5, cold)
    return [
        Row(f"chart page of {LONG:,} entries", warm, "ms", "150 ms", "its fold kept"),
        Row("the same, first time after a restart", anew, "ms", "", f"{anew / warm:.1f} x with its fold kept"),
    ]


def folds() -> list[Row]:
    """Measure reading and folding the entries of the long course."""
    from asklepion.core.chart import Chart, fold
    from asklepion.record.canonical import recorded_of
    from asklepion.record.models import LedgerEntry

    stored = list(LedgerEntry.objects.filter(course="BK-00050").order_by("seq"))
    entries = [recorded_of(each) for each in stored]
    each = 1000 / len(stored)
    folded = median_ms(9, lambda: fold(entries, Chart("BK-00050"))) * each
    read = median_ms(5, lambda: [recorded_of(row) for row in stored]) * each
    plain = median_ms(9, lambda: [json.loads(row.body) for row in stored]) * each
    against = f"{read / plain:.1f} x `json.loads` of its body ({plain:.1f} us)"
    return [
        Row("fold, an entry", folded, "us", "", "values in memory"),
        Row("read and check an entry", read, "us", "", against),
    ]


def appends() -> list[Row]:
    """Measure appends of several processes at once, each to courses of its own, beside bare rows as durable."""
    bare, taken = _run("bare"), _run("append")
    p50, p95, floor50, floor95 = (_part(times, part) for times in (taken, bare) for part in (0.5, 0.95))
    beside = [f"{ours / floor:.1f} x a bare row ({floor:.1f} ms)" for ours, floor in ((p50, floor50), (p95, floor95))]
    a_second, bare_a_second = (WRITERS / statistics.mean(times) for times in (taken, bare))
    return [
        Row(f"append, {WRITERS} writers, median", p50, "ms", "", beside[0]),
        Row(f"append, {WRITERS} writers, p95", p95, "ms", "20 ms", beside[1]),
        Row(f"appends a second, {WRITERS} writers", a_second, "", "", f"{bare_a_second:.0f} bare rows"),
    ]


def writer(number: int, kind: str) -> list[float]:
    """Append as one of several processes; return the seconds of each append after those that warm up."""
    from asklepion.core.access import Role
    from asklepion.core.entries import Observed, Value
    from asklepion.record import ledger
    from asklepion.record.models import Draft

    by = ledger.Author("physician", Role.PHYSICIAN)
    taken = []
    for each in range(-WARM, APPENDS):
        began = time.perf_counter()
        if kind == "bare":
            Draft.objects.create(account=str(time.time_ns()), course="b", scale="b", item=str(each), value=each)
        else:
            course = f"BK-{60 + number * WARM + each % WARM:05d}"
            ledger.append(course, Observed((Value("heart-rate", 70.0, "/min"),)), by)
        taken.append(time.perf_counter() - began)
    return taken[WARM:]


PARTS: dict[str, Callable[[], list[Row]]] = {"pages": pages, "long": long_chart, "appends": appends, "folds": folds}


def _run(kind: str) -> list[float]:
    started = [
        subprocess.Popen([sys.executable, "-m", "bench", "writer", str(number), kind], stdout=subprocess.PIPE)
        for number in range(WRITERS)
    ]
    return sorted(each for writer in started for each in json.loads(writer.communicate()[0]))


def _part(seconds: list[float], part: float) -> float:
    return seconds[int(len(seconds) * part)] * 1000


def _signed_in(role: str) -> Any:
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(username=role), backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def _get(client: Any, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
