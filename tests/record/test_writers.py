"""Many writers, and writers that die: nothing acknowledged is lost, no gap, one chain, one entry an id."""

import json
import random
import signal
import time
from typing import Any

import pytest
from tests.record.conftest import House

FIRST, SECOND = "AK-0001", "AK-0002"


def whole(found: dict[str, Any]) -> None:
    """Assert that every chain is whole, without a gap, and that what pages read stands where the ledger does."""
    assert found["faults"] == []
    for course, head in found["heads"].items():
        assert [seq for _, of, seq, _ in found["entries"] if of == course] == list(range(1, head + 1))
        assert found["projected"][course] == str(head)


def kept(said: list[Any], found: dict[str, Any]) -> None:
    """Assert that every receipt names an entry as it stands."""
    stored = {tuple(entry) for entry in found["entries"]}
    assert [receipt for receipt in said if tuple(receipt) not in stored] == []


def test_two_hundred_at_once_to_one_course_are_one_chain(house: House) -> None:
    said = house.run("write", FIRST, "200", "1", "w")
    found = house.look()
    assert len(said) == 200
    assert found["heads"] == {FIRST: 201, SECOND: 1}
    kept(said, found)
    whole(found)


def test_processes_and_threads_lose_nothing(house: House) -> None:
    writers = [house.start("write", course, "4", "8", f"{n}") for n, course in enumerate((FIRST, FIRST, SECOND))]
    said = [receipt for writer in writers for receipt in house.finish(writer)]
    found = house.look()
    assert len(said) == 3 * 4 * 8
    assert found["heads"] == {FIRST: 65, SECOND: 33}
    kept(said, found)
    whole(found)


def test_the_same_ids_from_two_processes_are_one_entry_each(house: House) -> None:
    writers = [house.start("write", FIRST, "4", "5", "same") for _ in range(2)]
    first, second = (house.finish(writer) for writer in writers)
    found = house.look()
    assert sorted(map(tuple, first)) == sorted(map(tuple, second))
    assert found["heads"][FIRST] == 21
    kept(first, found)
    whole(found)


def test_one_id_for_two_courses_at_one_moment_is_refused_once(house: House) -> None:
    said = house.run("race", "a,b,c,d,e,f", FIRST, SECOND)
    assert len(said) == 12
    for id in "abcdef":
        refused, taken = sorted((line for line in said if line[0] == id), key=lambda line: line[2])
        assert refused[2:] == [0, "id_reused"]
        assert taken[2] > 0
    whole(house.look())


def test_courses_opened_at_one_moment_have_codes_of_their_own(bare_house: House) -> None:
    said = bare_house.run("begin", "12")
    assert sorted(course for _, course, _, _ in said) == [f"AK-{n:04d}" for n in range(1, 13)]
    assert len({tuple(receipt) for receipt in bare_house.run("begin", "8", "same")}) == 1
    found = bare_house.look()
    assert len(found["heads"]) == 13
    whole(found)


def test_a_snapshot_sees_one_moment_and_keeps_nobody_waiting(house: House) -> None:
    said = house.run("read_while_another_writes", FIRST)
    assert said[0][:3] == ["meanwhile", FIRST, 2], "the writer had to wait"
    assert said[1] == [1, 1, False]
    whole(house.look())


def test_entries_that_stand_together_keep_their_turn(house: House) -> None:
    said = house.run("wait_for_each_other", FIRST)
    assert [(id, seq) for id, _, seq, _ in said] == [("one", 2), ("two", 3), ("other", 4)]
    whole(house.look())


def test_rows_that_another_program_folded_again_are_not_taken_for_our_own(house: House) -> None:
    _, before, receipt, after = house.run("after_another_rebuilt", FIRST)
    assert (before, receipt[2], after) == (["t2", "t3"], 3, ["t3"])
    whole(house.look())


def test_a_writer_that_dies_between_any_two_steps_loses_nothing_acknowledged(house: House) -> None:
    steps = house.run("die", FIRST)
    outcomes = set()
    before = 1
    for step in steps:
        whole(step)
        ids = {id for id, *_ in step["entries"]}
        assert ids >= set(step["said"]) >= {f"{step['step']}-first"}
        second = f"{step['step']}-second" in ids
        assert step["heads"][FIRST] == before + 1 + second
        before = step["heads"][FIRST]
        outcomes.add((step["dead"], len(step["said"]), second))
    assert outcomes == {(True, 1, False), (True, 1, True), (False, 2, True)}
    assert len(steps) > 8


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_loses_nothing_acknowledged(house: House, seed: int) -> None:
    wait = random.Random(seed)
    said: list[Any] = []
    for n in range(3):
        writer = house.start("write", FIRST, "3", "10000", f"{n}")
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(wait.uniform(0, 0.2))
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.wait()
        said += [json.loads(line) for line in lines if line.endswith("\n")]
    found = house.look()
    assert len(said) >= 3
    kept(said, found)
    whole(found)
