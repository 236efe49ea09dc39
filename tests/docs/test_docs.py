"""What the documents say is done: commands are run, facts are loaded, links lead somewhere, and nothing is left out."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
import yaml

from asklepion.cli import app
from asklepion.core import scoring
from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened, Observed, Value, VisitBooked
from asklepion.core.values import Unscored
from asklepion.flows import audit
from asklepion.knowledge.check import check
from asklepion.knowledge.load import PACKAGED, read
from asklepion.knowledge.types import Scale
from asklepion.record import ledger
from asklepion.record.ledger import Author
from asklepion.record.reading import Reader

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDE = DOCS / "guide"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(GUIDE.glob("*.md")))
EVERY_PAGE = (*PAGES, ROOT / "THIRD_PARTY.md", *sorted(path for path in DOCS.rglob("*.md") if path.parent != GUIDE))
_FENCE = re.compile(r"^( *)```(\S*)(?: (\S+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_PROGRESS = re.compile(r"^[A-Z][\w ]*: \d+ of \d+, \d+%$")
_VARIABLE = re.compile(r"ASKLEPION_[A-Z][A-Z_]*[A-Z]")
_SETTINGS_OF_OURS = {"ASKLEPION_PROJECTOR"}
"""Names in the source that Django's settings hold and that nobody sets from outside."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the path to which a reader saves it, and its text without indent."""

    language: str
    path: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    for indent, language, path, text in _FENCE.findall(page.read_text("utf-8")):
        yield Block(language, path, "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True)))


def told(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each `$ ` command of a console block, its lines joined, with what should stand below it."""
    for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = re.sub(r"\\\n> ", "", piece).partition("\n")
        yield command, output.rstrip("\n")


def expected(output: str) -> re.Pattern[str]:
    """Return the pattern of an output in which `...` stands for anything, on a line of its own for any lines."""
    lines = []
    for line in output.splitlines():
        words = re.escape(line.rstrip()).replace(re.escape("..."), "[^\n]*")
        lines.append(r"(?:[^\n]*\n)*?" if line.strip() == "..." else f"{words} *\n")
    return re.compile("".join(lines))


def shown(printed: str) -> str:
    """Return what a terminal keeps: progress lines, which overwrite themselves, are gone."""
    lines = printed.replace("\r", "\n").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines if not _PROGRESS.match(line))


METHODS = sorted((DOCS / "methods").glob("*.md"))
TYPED = [page for page in (*PAGES, *METHODS) if any(block.language == "console" for block in blocks(page))]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder that looks like the checkout, in which a reader types."""
    for name in ("docs", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(command: str, desk: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASKLEPION_")}
    environment |= {
        "ASKLEPION_HOME": str(desk / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}",
        "COLUMNS": "100",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=desk,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return shown(done.stdout)


@pytest.mark.parametrize("document", TYPED, ids=told)
def test_what_a_page_types_answers_as_it_says(document: Path, desk: Path) -> None:
    for block in blocks(document):
        if block.path:
            (desk / block.path).parent.mkdir(parents=True, exist_ok=True)
            (desk / block.path).write_text(block.text, "utf-8")
        if block.language == "console":
            for command, output in commands(block.text):
                printed = run(command, desk)
                assert expected(output).fullmatch(printed), f"$ {command}\n--- said\n{output}\n--- printed\n{printed}"


def test_facts_on_pages_hold_together_with_those_that_are_shipped(tmp_path: Path) -> None:
    found = [block for page in PAGES for block in blocks(page) if block.language == "yaml" and "kind:" in block.text]
    assert found
    for number, block in enumerate(found):
        assert block.path, f"a fact on a page has no file name:\n{block.text}"
        (tmp_path / f"{number}.yaml").write_text(block.text, "utf-8")
    assert [str(fault) for fault in check(read(PACKAGED, tmp_path), roles=frozenset(Role))] == []


def test_cases_on_pages_are_scored_as_they_say(tmp_path: Path) -> None:
    found = {block.path: block for page in PAGES for block in blocks(page) if block.path.startswith("our-facts/")}
    cases = [path for path in found if path.endswith("cases.yaml")]
    assert cases
    for path in cases:
        (tmp_path / "scale.yaml").write_text(found[path.replace("cases.yaml", "scale.yaml")].text, "utf-8")
        (scale,) = read(tmp_path).of(Scale)
        for case in yaml.safe_load(found[path].text):
            answers = dict(zip([item.id for item in scale.items], case["answers"], strict=True))
            given = {each.id: each.value for each in scoring.score(scale, answers).scores}
            numbers = {id: None if isinstance(value, Unscored) else value for id, value in given.items()}
            assert numbers == case["scores"], case["name"]


def headings(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", EVERY_PAGE, ids=told)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in _LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{told(document)} links to {link}"
        if anchor:
            assert anchor in headings(target), f"{told(document)} links to {link}"


def leaves() -> set[str]:
    """Return every command that can be typed, such as `facts check`."""

    def walk(command: object, name: str) -> Iterator[str]:
        below = getattr(command, "commands", None)
        if not below:
            yield name
        for word, each in (below or {}).items():
            yield from walk(each, f"{name} {word}".strip())

    return set(walk(typer.main.get_command(app), ""))


def test_every_command_is_documented_with_an_example_and_every_documented_one_exists() -> None:
    page = GUIDE / "commands.md"
    titles = set(re.findall(r"^## `asklepion ([a-z ]+)`$", page.read_text("utf-8"), re.MULTILINE))
    assert titles == leaves()
    typed = "\n".join(block.text for block in blocks(page))
    for command in leaves():
        assert f"asklepion {command}" in typed, f"no example of {command}"


def test_every_command_that_a_page_names_exists() -> None:
    first = {command.split()[0] for command in leaves()}
    for page in EVERY_PAGE:
        for named in re.findall(
            r"^\W*(?:\$ )?(?:\w+=\S+ )*asklepion ([a-z]+)|`asklepion ([a-z]+)", page.read_text("utf-8"), re.M
        ):
            assert "".join(named) in first, f"{told(page)} names `asklepion {''.join(named)}`"


def test_every_role_has_a_page_that_the_guide_names() -> None:
    index = (GUIDE / "index.md").read_text("utf-8")
    for role in Role:
        name = f"{role.replace('_', '-')}.md"
        assert (GUIDE / name).is_file()
        assert f"({name})" in index


def source() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))


def variables() -> set[str]:
    """Return every variable of the environment that the source reads, secrets included."""
    code = source()
    kept = {f"ASKLEPION_{name.upper()}" for name in re.findall(r'_kept_secret\("(\w+)"\)', code)}
    return set(_VARIABLE.findall(code)) - _SETTINGS_OF_OURS | kept


def test_every_variable_is_documented_and_every_documented_one_exists() -> None:
    documented = set(
        re.findall(r"^\| `(ASKLEPION_[A-Z_]+)` \|", (GUIDE / "running.md").read_text("utf-8"), re.MULTILINE)
    )
    assert documented == variables()
    tests_own = {"ASKLEPION_REFERENCE_DATA", "ASKLEPION_TEST_POSTGRES"}
    for page in EVERY_PAGE:
        assert set(_VARIABLE.findall(page.read_text("utf-8"))) <= variables() | tests_own, told(page)


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in EVERY_PAGE:
        named = re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
        assert {"".join(each) for each in named} <= targets, told(page)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 80


@pytest.mark.django_db
def test_the_program_of_the_ledger_page_checks_an_export_and_sees_what_was_changed(tmp_path: Path) -> None:
    (program,) = [block for block in blocks(DOCS / "methods/ledger.md") if block.path == "check.py"]
    (tmp_path / "check.py").write_text(program.text, "utf-8")
    by = Author("coordinator", Role.COORDINATOR)
    course = ledger.open_course(CourseOpened("mdma-ptsd-phase-3", "1", "Ä site"), by=by).course
    ledger.append(course, VisitBooked("v0", datetime(2026, 11, 23, 9, 30, tzinfo=UTC), "Room 2"), by)
    observed = Observed((Value("weight", 71.0, "kg"), Value("temperature", 36.6, "Cel")), visit="v0")
    last = ledger.append(course, observed, by, clock_offset_ms=-1200)
    lines = list(audit.export(course, Reader(Role.AUDITOR, "auditor")))

    def checked(text: str) -> str:
        (tmp_path / "export.jsonl").write_text(text, "utf-8")
        typed = [sys.executable, "check.py", "export.jsonl"]
        done = subprocess.run(typed, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert checked("".join(lines)) == f"3 entries, whole, last hash {last.hash}\n"
    assert "entry 2" in checked("".join(lines).replace("Room 2", "Room 3"))
    assert "entry 2" in checked("".join([*lines[:2], *lines[3:]]))
