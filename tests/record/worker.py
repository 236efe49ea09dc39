"""A process of its own that writes, reads or dies: `python -m tests.record.worker WHAT ...`. It says lines of JSON.

What it has said is acknowledged: a receipt is said only after `append` has returned.
"""
# ruff: noqa: E402 (Django is made ready before the tables are imported)

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Lock, Thread
from typing import Any

from asklepion.cli.start import ready

os.environ["DJANGO_SETTINGS_MODULE"] = "asklepion.web.settings"
ready()

from django.conf import settings
from django.db import connection

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened, Note
from asklepion.core.errors import AsklepionError
from asklepion.record import backup, ledger, people
from asklepion.record.models import Course, LedgerEntry, Person, ProjectedCourse, Todo
from asklepion.record.snapshot import snapshot
from asklepion.record.verify import rebuild, verify

settings.ASKLEPION_PROJECTOR = "tests.record.trivial.project"
PHYSICIAN = ledger.Author("p", Role.PHYSICIAN)
_speaking = Lock()


def say(value: object) -> None:
    with _speaking:
        print(json.dumps(value), flush=True)


def together(count: int, work: Callable[[int], None]) -> None:
    """Let so many threads begin at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def append(course: str, id: str, text: str) -> None:
    try:
        receipt = ledger.append(course, Note(text), PHYSICIAN, id=id)
        say([receipt.id, receipt.course, receipt.seq, receipt.hash])
    except AsklepionError as refused:
        say([id, course, 0, refused.code])


def write(course: str, threads: str, count: str, prefix: str) -> None:
    """Append `count` notes from each of `threads`; ids and texts follow from the prefix alone."""

    def work(number: int) -> None:
        for n in range(int(count)):
            append(course, f"{prefix}-{number}-{n}", f"{prefix} {number} {n}")

    together(int(threads), work)


def race(ids: str, *courses: str) -> None:
    """Append under one id to several courses at one moment, for each of several ids."""
    for id in ids.split(","):
        together(len(courses), lambda number, id=id: append(courses[number], id, "the same"))


def begin(threads: str, id: str = "") -> None:
    """Open a course in each thread at one moment, under one id or each under its own."""

    def work(_: int) -> None:
        receipt = ledger.open_course(CourseOpened("p", "1", "s"), by=PHYSICIAN, id=id or None)
        say([receipt.id, receipt.course, receipt.seq, receipt.hash])

    together(int(threads), work)


def after_another_rebuilt(course: str) -> None:
    """Append after a program with other facts folded the projections again; say the tasks that pages read."""
    append(course, "one", "one")
    settings.ASKLEPION_PROJECTOR = "tests.record.trivial.otherwise"
    rebuild(course)
    settings.ASKLEPION_PROJECTOR = "tests.record.trivial.project"
    say(list(Todo.objects.filter(course=course).order_by("task").values_list("task", flat=True)))
    append(course, "two", "two")
    say(list(Todo.objects.filter(course=course).order_by("task").values_list("task", flat=True)))


def wait_for_each_other(course: str) -> None:
    """Append several entries together while another thread waits for its turn."""
    other = Thread(target=lambda: (append(course, "other", "other"), connection.close()))
    with ledger.together():
        append(course, "one", "one")
        other.start()
        time.sleep(0.3)
        append(course, "two", "two")
    other.join()


def look() -> None:
    """Say what is in the database, by course."""
    say(_found())


def _found() -> dict[str, Any]:
    return {
        "faults": [str(fault) for fault in verify()],
        "heads": dict(Course.objects.values_list("code", "seq")),
        "projected": dict(ProjectedCourse.objects.values_list("course", "title")),
        "entries": list(LedgerEntry.objects.order_by("course", "seq").values_list("id", "course", "seq", "hash")),
    }


def again() -> None:
    say(rebuild())


def save(file: str) -> None:
    written = backup.write(Path(file))
    say([written.courses, written.entries])


def restore(file: str) -> None:
    try:
        say(backup.restore(Path(file)).entries)
    except AsklepionError as refused:
        say(str(refused))


def meet(course: str) -> None:
    people.save(course, people.Person("Ada Example", "ada@example.org"))
    row = Person.objects.get(course=course)
    say([bytes(row.wrapped_key).hex(), bytes(row.sealed).hex()])


def forget(course: str) -> None:
    people.forget(course)


def read_while_another_writes(course: str) -> None:
    """Append from another thread while a snapshot is open; say what the snapshot saw before and after."""
    with snapshot():
        before = LedgerEntry.objects.filter(course=course).count()
        other = Thread(target=lambda: (append(course, "meanwhile", "meanwhile"), connection.close()))
        other.start()
        other.join(10)
        say([before, LedgerEntry.objects.filter(course=course).count(), other.is_alive()])


def die(course: str) -> None:
    """Append twice in a child that dies after its nth step of the second; say for each n what was said and is there."""
    step = 0
    dead = True
    while dead:
        said = _in_child(lambda tell, n=step: _append_and_die(course, n, tell))
        dead = "whole" not in said
        found = _in_child(lambda tell: tell(json.dumps(_found())))
        say({"step": step, "said": [line for line in said if line != "whole"], "dead": dead, **json.loads(found[0])})
        step += 1


def _append_and_die(course: str, step: int, tell: Callable[[str], None]) -> None:
    tell(ledger.append(course, Note("first"), PHYSICIAN, id=f"{step}-first").id)
    left = step

    def passed() -> None:
        nonlocal left
        if left == 0:
            os._exit(9)
        left -= 1

    def statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        passed()
        return execute(sql, params, many, context)

    commit = connection._commit

    def committing() -> None:
        passed()
        commit()
        passed()

    connection._commit = committing
    with connection.execute_wrapper(statement):
        tell(ledger.append(course, Note("second"), PHYSICIAN, id=f"{step}-second").id)
    tell("whole")


def _in_child(work: Callable[[Callable[[str], None]], None]) -> list[str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(lambda line: os.write(writing, f"{line}\n".encode()) and None)
        except BaseException as fault:
            os.write(2, f"{fault!r}\n".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as lines:
        said = lines.read().splitlines()
    os.waitpid(child, 0)
    return said


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
