"""A backup holds everything as it stood at one moment; a broken one is refused and nothing of it is written."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from tests.record.conftest import House

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened, Note
from asklepion.core.errors import BadInput, ChainBroken
from asklepion.record import accounts, backup, drafts, ledger, people
from asklepion.record.models import Account, Course, Draft, LedgerEntry, Person, ProjectedCourse

TABLES = (Account, Authenticator, Course, LedgerEntry, Person, Draft, ProjectedCourse)
PASSWORD = "four plain unrelated words"
transactional = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A backup of everything that can be backed up."""
    physician = ledger.Author("p", Role.PHYSICIAN)
    accounts.create("p", Role.PHYSICIAN, "P", PASSWORD)
    account = Account.objects.get()
    Authenticator.objects.create(user=account, type="totp", data={"secret": "s"})
    course = ledger.open_course(CourseOpened("p", "1", "s"), by=physician).course
    for n in range(5):
        ledger.append(course, Note(f"a true note {n}\u2028é\\"), physician)
    people.save(course, people.Person("Ada Example", "ada@example.org"))
    drafts.save("p", course, "scale", "", "1", None)
    assert backup.write(tmp_path / "b.zip").entries == 6
    return tmp_path / "b.zip"


def rows() -> list[list[dict[str, Any]]]:
    return [[_plain(row) for row in table._default_manager.order_by("pk").values()] for table in TABLES]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
    return {name: value for name, value in values.items() if name != "edition"}


def emptied() -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert rows() == [[]] * len(TABLES)


def altered(written: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Return a copy of a backup whose parts were changed, its hashes made to fit again."""
    with zipfile.ZipFile(written) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    path = written.with_name("altered.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rehashed(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    for table, said in manifest["tables"].items():
        content = parts[f"{table}.jsonl"]
        said["sha256"] = hashlib.sha256(content).hexdigest()
        said["rows"] = len(content.splitlines())
    parts["manifest.json"] = json.dumps(manifest).encode()


@transactional
def test_a_restored_backup_is_equal_and_goes_on(written: Path) -> None:
    before = rows()
    assert all(before)
    emptied()
    told: list[tuple[int, int]] = []
    restored = backup.restore(written, lambda done, total: told.append((done, total)))
    assert (restored.courses, restored.entries) == (1, 6)
    assert told[-1][0] == told[-1][1]
    assert rows() == before
    assert people.find("AK-0001") == people.Person("Ada Example", "ada@example.org")
    accounts.create("q", Role.AUDITOR, "Q", PASSWORD)
    drafts.save("p", "AK-0001", "scale", "", "2", 1)
    assert ledger.append("AK-0001", Note("on"), ledger.Author("p", Role.PHYSICIAN)).seq == 7


@transactional
def test_only_an_empty_database_is_restored_into(written: Path) -> None:
    before = rows()
    with pytest.raises(BadInput, match="not empty"):
        backup.restore(written)
    assert rows() == before


@transactional
def test_a_backup_is_for_its_owner_only_and_leaves_no_part_behind(written: Path) -> None:
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    with pytest.raises(BadInput, match="no such folder"):
        backup.write(written.parent / "nowhere" / "b.zip")

    def full(done: int, total: int) -> None:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        backup.write(written.parent / "c.zip", full)
    assert [path.name for path in written.parent.iterdir()] == ["b.zip"]


def _half(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def _flipped(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("LedgerEntry.jsonl").header_offset + 100
    content[at] ^= 0xFF
    path.write_bytes(bytes(content))
    return path


def _text(path: Path) -> Path:
    path.write_text("not a zip")
    return path


def _of_another_table(parts: dict[str, bytes]) -> None:
    parts["Course.jsonl"] = parts["Account.jsonl"]
    rehashed(parts)


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.pop(name) and None


def _with(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update({name: content})


def _twice(parts: dict[str, bytes]) -> None:
    parts["LedgerEntry.jsonl"] *= 2
    rehashed(parts)


def _one_row_less(parts: dict[str, bytes]) -> None:
    parts["Draft.jsonl"] = b""


DAMAGED: dict[str, Callable[[Path], Path]] = {
    "no zip": _text,
    "empty": lambda path: (path.write_bytes(b"") and path) or path,
    "half": _half,
    "a bit flipped": _flipped,
    "without a table": lambda path: altered(path, _without("Person.jsonl")),
    "without manifest": lambda path: altered(path, _without("manifest.json")),
    "manifest no JSON": lambda path: altered(path, _with("manifest.json", b"{")),
    "manifest a list": lambda path: altered(path, _with("manifest.json", b"[]")),
    "table no JSON": lambda path: altered(path, _with("Person.jsonl", b"x\n")),
    "rows of another table": lambda path: altered(path, _of_another_table),
    "rows twice": lambda path: altered(path, _twice),
    "a row less": lambda path: altered(path, _one_row_less),
}


@transactional
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_and_nothing_is_written(written: Path, damage: str) -> None:
    damaged = DAMAGED[damage](written)
    emptied()
    with pytest.raises(BadInput, match="no whole backup"):
        backup.restore(damaged)
    assert rows() == [[]] * len(TABLES)


@transactional
def test_a_later_format_is_refused(written: Path) -> None:
    emptied()
    with pytest.raises(BadInput, match="format 2"):
        backup.restore(altered(written, _with("manifest.json", b'{"format": 2}')))
    assert rows() == [[]] * len(TABLES)


def _note_changed(parts: dict[str, bytes]) -> None:
    parts["LedgerEntry.jsonl"] = parts["LedgerEntry.jsonl"].replace(b"a true note 2", b"a false note")
    rehashed(parts)


def _note_gone(parts: dict[str, bytes]) -> None:
    lines = parts["LedgerEntry.jsonl"].splitlines(keepends=True)
    parts["LedgerEntry.jsonl"] = b"".join(line for line in lines if b"a true note 2" not in line)
    rehashed(parts)


def _head_back(parts: dict[str, bytes]) -> None:
    parts["Course.jsonl"] = parts["Course.jsonl"].replace(b'"seq": 6', b'"seq": 5')
    rehashed(parts)


@transactional
@pytest.mark.parametrize(
    ("change", "seq", "what"),
    [(_note_changed, 4, "not what was hashed"), (_note_gone, 4, "missing"), (_head_back, 6, "head stands at 5")],
)
def test_a_broken_chain_is_refused_and_nothing_is_written(
    written: Path, change: Callable[[dict[str, bytes]], None], seq: int, what: str
) -> None:
    broken = altered(written, change)
    emptied()
    with pytest.raises(ChainBroken, match=what) as refused:
        backup.restore(broken)
    assert refused.value.where == f"AK-0001, entry {seq}"
    assert rows() == [[]] * len(TABLES)


def test_a_backup_while_others_write_is_whole(house: House, another_house: House, tmp_path: Path) -> None:
    writer = house.start("write", "AK-0001", "2", "10000", "w")
    assert writer.stdout is not None
    before = [json.loads(writer.stdout.readline()) for _ in range(20)]
    (courses, entries), *_ = house.run("save", str(tmp_path / "b.zip"))
    assert writer.poll() is None
    writer.kill()
    after = [json.loads(line) for line in writer.stdout.readlines() if line.endswith("\n")]
    writer.wait()
    assert (courses, entries >= len(before) + 2, len(before) + len(after) > entries) == (2, True, True)
    assert another_house.run("restore", str(tmp_path / "b.zip")) == [entries]
    found = another_house.look()
    assert found["faults"] == []
    assert found["heads"]["AK-0001"] == entries - 1
    assert {tuple(receipt) for receipt in before} <= {tuple(entry) for entry in found["entries"]}
