"""Every broken file of tests/rejects raises the message that stands beside it, and nothing else."""

import shutil
from pathlib import Path

import pytest

from asklepion.core.access import Role
from asklepion.core.errors import BadFact, ManyFaults
from asklepion.knowledge import references
from asklepion.knowledge.check import check
from asklepion.knowledge.load import read, shown

REJECTS = Path(__file__).parents[1] / "rejects"
SOUND = REJECTS / "sound"
BROKEN = sorted(path for path in REJECTS.iterdir() if path.suffix in (".yaml", ".yml", ".bib"))


@pytest.fixture(autouse=True)
def no_other_references(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sound references be the only ones, so that what is shipped neither helps nor costs time."""
    monkeypatch.setattr(references, "shipped", lambda: SOUND / "none.bib")


def faults(*folders: Path) -> tuple[BadFact, ...]:
    try:
        return check(read(*folders), roles=frozenset(Role))
    except ManyFaults as unread:
        return unread.faults


def said(broken: Path, folder: Path) -> str:
    """Return what is said of a broken file that stands beside the sound ones, without the folder it was copied to."""
    copy = folder / ("references.bib" if broken.suffix == ".bib" else broken.name)
    shutil.copyfile(broken, copy)
    told = "".join(f"{fault}\n" for fault in faults(SOUND, folder))
    return told.replace(shown(copy), broken.name).replace(shown(SOUND), "sound")


def test_the_sound_files_hold_together() -> None:
    assert [str(fault) for fault in faults(SOUND)] == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_raises_its_message(broken: Path, tmp_path: Path) -> None:
    message = broken.with_suffix(".txt")
    assert message.is_file(), f"{broken.name} has no message beside it"
    assert said(broken, tmp_path) == message.read_text("utf-8") != ""


def test_every_message_belongs_to_a_broken_file() -> None:
    stems = {path.stem for path in BROKEN}
    assert [path.name for path in REJECTS.glob("*.txt") if path.stem not in stems] == []
