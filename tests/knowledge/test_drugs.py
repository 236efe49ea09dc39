"""Medicines and interactions say what the researched facts say, figure by figure, and are no surer of it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import yaml
from pydantic import TypeAdapter

from asklepion.core.medicines import match, normalised
from asklepion.knowledge.types import Basis, Drug, DrugClass, Interaction, Severity, Substance

KNOWLEDGE = Path(__file__).parents[2] / "src/asklepion/knowledge"
BIBLIOGRAPHY = Path(__file__).parents[2] / "docs/references.bib"
RESEARCHED = Path(__file__).parents[3] / "shared/facts/protocols-safety-law.md"

T = TypeVar("T")

SURENESS = ["disputed", "recalled", "secondary", "seen"]
CODES = {"X": "disputed", "G": "recalled", "S2": "secondary", "S": "seen"}
GRAVENESS = ["unknown", "minor", "moderate", "major", "contraindicated"]
SPLIT = {"IX-MDMA-SOPI": 2, "IX-MDMA-ARV": 2}
"""Rows in which one medicine is graded or handled unlike the others: a document for each part."""


def read(kind: type[T], folder: str) -> tuple[T, ...]:
    adapter = TypeAdapter(kind)
    files = sorted((KNOWLEDGE / folder).glob("*.yaml"))
    return tuple(adapter.validate_python(one) for file in files for one in yaml.safe_load_all(file.read_text()))


DRUGS = {drug.id: drug for drug in read(Drug, "drugs")}
CLASSES = {one.id: one for one in read(DrugClass, "drug_classes")}
INTERACTIONS = read(Interaction, "interactions")
SUBSTANCES = {one.id: one for one in read(Substance, "substances")}


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """Return the table rows of the researched facts by their id."""
    if not RESEARCHED.exists():
        pytest.skip("../shared/facts is not beside this repository")
    lines = (line.strip() for line in RESEARCHED.read_text().splitlines())
    tables = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {cells[0]: cells for cells in tables}


def durations(text: str) -> Iterator[float]:
    """Yield every number of days in `14 d`, `7–14 days`, `5-6 wk`, `24–72 h`; hours rounded up to whole days."""
    for low, high, unit in re.findall(r"(\d+)(?:\s*[–-]\s*(\d+))?[-\s]*(days|day|d|wk|weeks|week|hour|h)\b", text):
        for number in filter(None, (low, high)):
            size = int(number)
            yield size * 7 if unit.startswith("w") else size if unit.startswith("d") else -(-size // 24)


def numbers(text: str) -> set[float]:
    """Return the numbers of a cell of half-lives, weeks as hours."""
    weeks = {float(n) * 168 for pair in re.findall(r"(\d+)–(\d+) wk", text) for n in pair}
    return {float(n) for n in re.findall(r"\d+(?:\.\d+)?", text)} | weeks


def weakest(cell: str) -> str:
    return min((CODES[code] for code in re.findall(r"\b(S2|S|G|X)\b", cell)), key=SURENESS.index)


def marked(basis: Basis, cell: str, figure: float | None = None) -> bool:
    """Say whether the cell carries the mark that this confidence needs, behind the figure; recalled needs none."""
    needed = {"seen": r"\[S\]", "secondary": r"\[S2\]"}.get(basis.confidence, "")
    behind = "" if figure is None or not needed else rf"\b{figure / 168 if figure > 400 else figure:g}\b[^,;\[]*"
    return bool(re.search(behind + needed, cell))


# -- interactions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("substance", "code"), [("mdma", "MDMA"), ("psilocybin", "PSI"), ("lsd", "LSD")])
def test_every_row_is_there_once_and_no_other(rows: dict[str, list[str]], substance: str, code: str) -> None:
    expected = {id: SPLIT.get(id, 1) for id in rows if id.startswith(f"IX-{code}-")}
    assert len(expected) == 36
    assert Counter(one.basis.fact for one in INTERACTIONS if one.substance == substance) == expected


def test_every_interaction_belongs_to_a_substance_that_is_counted() -> None:
    assert {one.substance for one in INTERACTIONS} == {"mdma", "psilocybin", "lsd"}


@pytest.mark.parametrize("one", INTERACTIONS, ids=lambda one: one.id)
def test_an_interaction_is_as_sure_as_its_row(rows: dict[str, list[str]], one: Interaction) -> None:
    cell = rows[one.basis.fact][-1]
    assert one.basis.confidence == weakest(cell)
    if one.handling.basis:
        assert SURENESS.index(one.handling.basis.confidence) <= SURENESS.index(one.basis.confidence) or "S2" in cell
    for statement in one.statements:
        assert statement.basis.confidence in {
            CODES[code] for code in re.findall(r"\b(S2|S|G|X)\b", " ".join(rows[statement.basis.fact]))
        }


@pytest.mark.parametrize("one", INTERACTIONS, ids=lambda one: one.id)
def test_severity_is_the_graver_end_of_the_row(rows: dict[str, list[str]], one: Interaction) -> None:
    words = [word for word in GRAVENESS if word in rows[one.basis.fact][2]]
    siblings = [other.severity for other in INTERACTIONS if other.basis.fact == one.basis.fact]
    assert max(siblings, key=GRAVENESS.index) == words[-1]
    assert one.severity in words
    assert one.severity in one.severity_text


@pytest.mark.parametrize("one", INTERACTIONS, ids=lambda one: one.id)
def test_days_of_handling_stand_in_the_row(rows: dict[str, list[str]], one: Interaction) -> None:
    stated = set(durations(rows[one.basis.fact][5]))
    for days in (one.handling.days_before, one.handling.days_after):
        assert days is None or days in stated
    if one.basis.confidence in ("seen", "secondary") and one.handling.days_before:
        assert one.handling.basis is not None, "the effect was read; the days were not"


def test_no_two_parts_of_a_split_row_speak_of_one_class() -> None:
    pairs = [(one.substance, id) for one in INTERACTIONS for id in one.classes]
    assert max(Counter(pairs).values()) == 1


# -- washouts, half-lives, codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS.values(), ids=lambda drug: drug.id)
def test_washouts_stand_in_the_row_and_are_no_surer(rows: dict[str, list[str]], drug: Drug) -> None:
    for washout in drug.washouts:
        row = rows[washout.basis.fact]
        before_a_session = bool({"mdma", "psilocybin", "lsd"} & set(washout.before)) and not row[0].startswith("IX")
        cell = (row[4] if before_a_session else row[5]).replace("5 / 7 / do not", "5 d / 7 d / do not")
        assert washout.days in set(durations(cell)), (washout, cell)
        assert marked(washout.basis, cell), (washout, cell)


@pytest.mark.parametrize("drug", DRUGS.values(), ids=lambda drug: drug.id)
def test_half_lives_stand_in_the_row_and_are_no_surer(rows: dict[str, list[str]], drug: Drug) -> None:
    for active in drug.actives:
        row = rows[active.basis.fact]
        cell = row[2] + row[1] if active.basis.fact == "WO-24" else row[2]
        if drug.id == "dextromethorphan-bupropion" and "bupropion" in active.name.replace("hydro", ""):
            cell += rows["WO-10"][2]
        assert {active.half_life_low_h, active.half_life_high_h} <= numbers(cell), (active, cell)
        assert active.half_life_low_h <= active.half_life_high_h
        assert marked(active.basis, cell, active.half_life_high_h), (active, cell)


@pytest.mark.parametrize("drug", DRUGS.values(), ids=lambda drug: drug.id)
def test_codes_stand_in_the_row_and_are_no_surer(rows: dict[str, list[str]], drug: Drug) -> None:
    for identifier in drug.identifiers:
        row = rows[identifier.basis.fact]
        cell = row[2 if identifier.system == "RxNorm" else 3]
        assert identifier.code in cell or any(
            identifier.code.endswith(part) for part in re.findall(r"[A-Z]+\d\d", cell)
        )
        assert identifier.basis.confidence == "recalled" or re.search(
            {"seen": r"\bS\b", "secondary": r"\bS2\b"}[identifier.basis.confidence], row[4]
        )


def test_adverse_events_stand_in_their_rows(rows: dict[str, list[str]]) -> None:
    for rate in (rate for substance in SUBSTANCES.values() for rate in substance.adverse_events):
        said = numbers(rows[rate.basis.fact][2])
        assert rate.active_percent in said
        assert rate.control_percent in said


# -- what holds without the researched facts ---------------------------------------------------------------------------


def test_every_medicine_and_every_interaction_has_classes_that_exist() -> None:
    assert all(drug.classes and set(drug.classes) <= set(CLASSES) for drug in DRUGS.values())
    assert all(set(one.classes) <= set(CLASSES) for one in INTERACTIONS)
    assert {id for drug in DRUGS.values() for id in drug.classes} == set(CLASSES)
    assert {one.substance for one in INTERACTIONS} <= set(SUBSTANCES)


def test_washouts_stand_before_a_substance_or_a_class() -> None:
    known = set(SUBSTANCES) | set(CLASSES)
    assert all(set(washout.before) <= known for drug in DRUGS.values() for washout in drug.washouts)


def test_no_name_means_two_medicines() -> None:
    names = Counter(
        name for drug in DRUGS.values() for name in {normalised(one) for one in (drug.id, drug.title, *drug.names)}
    )
    assert [name for name, count in names.items() if count > 1] == []


def bases(of: object) -> Iterator[Basis]:
    """Yield every basis in a fact, however deep."""
    if isinstance(of, Basis):
        yield of
    elif isinstance(of, tuple):
        for one in of:
            yield from bases(one)
    elif hasattr(of, "__dataclass_fields__"):
        for name in of.__dataclass_fields__:
            yield from bases(getattr(of, name))


def test_what_was_read_says_where_and_the_works_are_known() -> None:
    works = set(re.findall(r"^@\w+\{([^,]+),", BIBLIOGRAPHY.read_text(), re.MULTILINE))
    facts = (*DRUGS.values(), *CLASSES.values(), *INTERACTIONS, *SUBSTANCES.values())
    for basis in (basis for fact in facts for basis in bases(fact)):
        assert basis.sources or basis.confidence in ("recalled", "disputed"), basis
        assert {source.key for source in basis.sources} <= works


def test_retracted_papers_stand_marked_and_support_nothing() -> None:
    text = BIBLIOGRAPHY.read_text()
    facts = (*DRUGS.values(), *INTERACTIONS, *SUBSTANCES.values())
    cited = {source.key for fact in facts for basis in bases(fact) for source in basis.sources}
    for key in ("feduccia2021", "jerome2020", "mithoefer2019"):
        entry = text.split(f"{{{key},")[1].split("\n}")[0]
        assert "status = {retracted}" in entry
        assert key not in cited


def test_the_longest_lived_substance_of_fluoxetine_is_its_metabolite() -> None:
    longest = max(DRUGS["fluoxetine"].actives, key=lambda active: active.half_life_high_h)
    assert (longest.name, longest.half_life_low_h, longest.half_life_high_h) == ("norfluoxetine", 96, 384)
    assert longest.basis.confidence == "seen"
    assert {w.days for w in DRUGS["fluoxetine"].washouts if "mdma" in w.before} == {35, 42}


def test_no_half_life_is_given_for_inhibitors_that_outlast_it() -> None:
    lasting = {id for id, drug in DRUGS.items() if drug.effect_outlasts_half_life}
    assert lasting == {"phenelzine", "tranylcypromine", "isocarboxazid", "selegiline", "rasagiline"}
    for id in lasting:
        assert DRUGS[id].actives == ()
        assert [w.days for w in DRUGS[id].washouts if "mdma" in w.before] == [14]


@pytest.mark.parametrize(
    "id", ["sertraline", "lithium", "clonazepam", "propranolol", "clonidine", "ritonavir", "methadone"]
)
def test_medicines_that_are_not_stopped_abruptly_say_so(id: str) -> None:
    assert DRUGS[id].not_stopped_abruptly


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        ("Prozac 20 mg", "fluoxetine"),
        ("Priadel", "lithium"),
        ("Effexor XR 75mg", "venlafaxine"),
        ("Haldol decanoate", "antipsychotic-depot"),
        ("haloperidol", "haloperidol"),
        ("Vivitrol", "naltrexone-depot"),
        ("pethidine", "meperidine"),
        ("St. John's wort", "st-johns-wort"),
        ("Paxlovid", "nirmatrelvir-ritonavir"),
        ("tianeptine", None),
        ("aripiprazole depot", None),
        ("risperidone er", None),
    ],
)
def test_typed_names_find_their_medicine_and_a_depot_is_no_tablet(typed: str, id: str | None) -> None:
    found = match(DRUGS, typed)
    assert (found.id if found else None) == id


def test_a_medicine_without_a_row_stays_without_one() -> None:
    spoken_of = {id for one in INTERACTIONS if one.substance == "mdma" for id in one.classes}
    silent = {drug.id for drug in DRUGS.values() if not spoken_of & set(drug.classes)}
    assert silent == {"vortioxetine", "vilazodone", "ketamine", "esketamine"}


def test_every_severity_and_confidence_of_the_mdma_rows_counts() -> None:
    mdma = [one for one in INTERACTIONS if one.substance == "mdma"]
    assert Counter(one.severity for one in mdma)[Severity.CONTRAINDICATED] == 6
    assert next(one for one in mdma if one.id == "ix-mdma-li").basis.confidence == "disputed"
