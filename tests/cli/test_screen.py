"""`asklepion screen`: what a file says, judged by the shipped protocol; every fault of the file with its place."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from asklepion.cli import screen
from asklepion.core import readiness
from asklepion.core.errors import AsklepionError, BadInput, ManyFaults
from asklepion.flows import person_file
from asklepion.flows.facts import facts
from asklepion.knowledge.types import (
    AllOf,
    AnyOf,
    CategoryTest,
    MeasureTest,
    ScoreTest,
    StatementTest,
    Test,
    UnsettledTest,
)

PROTOCOL = "mdma-ptsd-phase-3"
DAY = "2026-11-23"


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    screen.register(made)
    return made


@pytest.fixture
def run(app: typer.Typer, tmp_path: Path):
    """Return a runner: run(yaml text, *options)."""

    def ran(text: str, *options: str, on: str = DAY) -> Result:
        file = tmp_path / "person.yaml"
        file.write_text(textwrap.dedent(text), "utf-8")
        typed = ["screen", str(file), "--protocol", PROTOCOL, "--on", on, *options]
        return CliRunner().invoke(app, typed, catch_exceptions=False)

    return ran


@pytest.fixture
def faults_of(run):
    """Return the faults that a text is refused with, as `path: what remedy`."""

    def found(text: str) -> list[str]:
        with pytest.raises(ManyFaults) as caught:
            run(text)
        assert all(f"line {fault.line}" in str(fault) and fault.line for fault in caught.value.faults)
        return [f"{fault.path}: {fault.what} {fault.remedy}".strip() for fault in caught.value.faults]

    return found


def test_an_empty_person_is_unknown_throughout_and_exits_1(run):
    result = run("person: AK-031\n", "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (said["person"], said["protocol"], said["on"], said["earliest"]) == ("AK-031", PROTOCOL, DAY, None)
    assert said["counts"]["met"] == 0
    assert {each["criterion"] for each in said["findings"]} >= {"consent", "weight", "washout", "interactions"}
    assert "worksheet" not in {each["criterion"] for each in said["findings"]}


def test_a_washout_shows_its_arithmetic_and_what_it_rests_on(run):
    result = run("medicines: [{name: Sertraline 100 mg, stopped: 2026-11-14}]")
    assert result.exit_code == 1
    assert "NOT MET  Sertraline 100 mg: washout\n" in result.stdout
    assert "9 days have passed; 29 are needed." in result.stdout
    assert "Longest half-life, desmethylsertraline: 104 h" in result.stdout
    assert "Clear from Sun 13 Dec 2026: 29 d" in result.stdout
    assert "Caution: It must not be stopped abruptly." in result.stdout
    assert "Rests on medicines.0. By PR-MDMA-13" in result.stdout
    assert result.stdout.splitlines()[-1] == "Asklepion documents and reminds; a person decides."


def test_a_medicine_that_no_fact_knows_is_unknown_until_decided(run):
    text = "medicines:\n  - {name: Tianeptine, taking: true%s}\n"
    undecided = run(text % "")
    assert "UNKNOWN  Tianeptine: washout" in undecided.stdout
    assert "it does not mean that it is safe" in undecided.stdout
    decision = ", decision: {decision: may_go_on, rests_on: A letter, second_person: B. Second, day: 2026-11-21}"
    said = json.loads(run(text % decision, "--json").stdout)
    found = [each for each in said["findings"] if each["medicine"]]
    assert [each["verdict"] for each in found] == ["met", "met"]
    assert found[0]["rests_on"] == ["medicines.0", "medicines.0.decision"]
    later = run(text % decision, on="2026-11-20")
    assert "UNKNOWN  Tianeptine" in later.stdout


def test_what_is_dated_later_is_counted_and_not_used(run):
    text = "observations: [{day: 2026-11-24, values: {weight: 70}}]"
    result = run(text)
    assert "Dated after that day and not used: 1 of the entries." in result.stdout
    assert "Not on file: Weight." in result.stdout
    assert "Not on file: Weight." not in run(text, on="2026-11-24").stdout


def test_of_one_day_the_later_reading_counts(run):
    readings = """
        observations:
          - {day: 2026-11-23, at: "15:00", values: {weight: 40}}
          - {day: 2026-11-23, at: "09:00", values: {weight: 70}}
    """
    said = json.loads(run(readings, "--json").stdout)
    weight = next(each for each in said["findings"] if each["criterion"] == "weight")
    assert (weight["verdict"], weight["rests_on"]) == ("not_met", ["observations.0"])


def _values(test: Test) -> Iterator[tuple[str, object]]:
    match test:
        case AllOf(of=of):
            for each in of:
                yield from _values(each)
        case AnyOf(of=of):
            yield from _values(of[0])
        case MeasureTest():
            yield test.what, test.at_least or test.at_most or min(test.at_most_male or 0, test.at_most_female or 0)
        case StatementTest():
            yield test.what, test.equals
        case UnsettledTest():
            yield test.decided_by, facts().observables[test.decided_by].choices[0]
        case _:
            return


def _scales(test: Test) -> Iterator[dict[str, object]]:
    match test:
        case CategoryTest():
            scale = facts().scales[test.scale]
            yield {"scale": scale.id, "day": DAY, "answers": [item.minimum for item in scale.items]}
        case ScoreTest():
            yield {"scale": test.scale, "day": DAY, "scores": {test.score: test.at_least or test.at_most}}
        case _:
            return


def _well() -> dict[str, object]:
    """Return a person who meets what the protocol's worksheet asks for, whatever it asks for."""
    known = facts()
    protocol = known.protocols[PROTOCOL]
    asked = readiness.worksheet_criteria(protocol)
    tests = [each.test for each in protocol.criteria if each.id in asked]
    versions = [each.version for each in known.consent_documents if each.document == protocol.consent_document]
    roles = {role: DAY for each in known.consent_documents for role in each.countersigned_by}
    values = {what: value for test in tests for what, value in _values(test)}
    return {
        "person": "AK-001",
        "observations": [{"day": DAY, "values": {**values, "sex": "male", "medicines-reviewed": True}}],
        "scales": [each for test in tests for each in _scales(test)],
        "consent": [{"version": version, "signed": DAY, "countersigned": roles} for version in versions],
        "medicines": [{"name": "lamotrigine", "taking": True}],
    }


def test_a_person_who_meets_everything_exits_0(run):
    result = run(json.dumps(_well()))
    assert "0 not met, 0 unknown" in result.stdout
    assert result.exit_code == 0
    assert "If nothing more is recorded, the earliest day is 23 Nov 2026." in result.stdout
    assert "Caution: Lamotrigine with MDMA" in result.stdout


@pytest.mark.parametrize("taken_away", ["observations", "scales", "consent"])
def test_leaving_something_out_never_exits_0(run, taken_away: str):
    assert run(json.dumps({key: value for key, value in _well().items() if key != taken_away})).exit_code == 1


def test_the_gate_before_a_visit_can_be_judged_instead(run):
    person = {**_well(), "visits": [{"visit": "v1", "held": "2026-11-20"}]}
    said = json.loads(run(json.dumps(person), "--before", "v5", "--json").stdout)
    found = {each["criterion"]: each for each in said["findings"]}
    assert "preparation" in found
    assert "worksheet" not in found
    assert found["preparation"]["rests_on"] == ["visits.0"]


def test_withdrawn_consent_is_not_met(run):
    person = _well()
    person["consent"] = [{**given, "withdrawn": "2026-11-24"} for given in person["consent"]]  # type: ignore[union-attr]
    assert run(json.dumps(person)).exit_code == 0
    result = run(json.dumps(person), on="2026-11-24")
    assert "NOT MET  Consent in force" in result.stdout


def test_every_fault_is_told_at_once_with_its_place(faults_of):
    said = faults_of(
        """
        observations:
          - {day: 2026-11-19, values: {weight: 7000, strange: 1, pregnancy-test: perhaps}}
          - {day: 2026-11-19, values: {}}
          - {day: 2026-11-19, at: noon, values: {weight: 70}}
        medicines:
          - {name: " ", taking: true}
          - {name: Zoloft}
          - {name: Zoloft, taking: true, stopped: 2026-11-14}
          - {name: Zoloft, started: 2026-11-15, stopped: 2026-11-14}
          - {name: Zoloft, drug: sertralin, taking: true}
          - {name: Zoloft, drug: qqqq, taking: true}
          - {name: Kratom, taking: true, decision: {decision: may_go_on, rests_on: "", second_person: B}}
        scales:
          - {scale: nothing, day: 2026-11-19, answers: []}
          - {scale: gad-7, day: 2026-11-19}
          - {scale: gad-7, day: 2026-11-19, answers: [1, 2]}
          - {scale: gad-7, day: 2026-11-19, answers: {"1": 9}}
          - {scale: gad-7, day: 2026-11-19, scores: {total: 99}}
        consent:
          - {version: "99", signed: 2026-11-10, countersigned: {nobody: 2026-11-10}}
        visits:
          - {visit: v99, held: 2026-11-10}
        """
    )
    places = [each.split(":", 1)[0] for each in said]
    assert places == [
        "observations.0.values.weight",
        "observations.0.values.strange",
        "observations.0.values.pregnancy-test",
        "observations.1.values",
        "observations.2.at",
        "medicines.0.name",
        "medicines.1.taking",
        "medicines.2.stopped",
        "medicines.3.stopped",
        "medicines.4.drug",
        "medicines.5.drug",
        "medicines.6.decision",
        "scales.0.scale",
        "scales.1",
        "scales.2.answers",
        "scales.3.answers",
        "scales.4.scores",
        "consent.0.version",
        "consent.0.countersigned.nobody",
        "visits.0.visit",
    ]
    assert "sertraline" in said[9]
    assert "none is near" in said[10]
    assert "GAD-7 has 7 items; 2 answers are given." in said[14]


def test_the_shape_of_the_file_is_strict(faults_of):
    said = faults_of(
        """
        name: Jane
        observations:
          - {day: yesterday, values: {weight: [70]}}
        medicines:
          - {taking: "yes"}
        """
    )
    assert [each.split(":", 1)[0] for each in said] == [
        "name",
        "observations.0.day",
        "observations.0.values.weight",
        "medicines.0.name",
        "medicines.0.taking",
    ]
    assert said[0].endswith("There are: person, opened, observations, medicines, scales, consent, visits.")
    assert "A day is wanted, not `yesterday`. Write it as 2026-11-23." in said[1]


def _refused(app: typer.Typer, *typed: str) -> AsklepionError:
    with pytest.raises(AsklepionError) as caught:
        CliRunner().invoke(app, ["screen", *typed], catch_exceptions=False)
    assert isinstance(caught.value, BadInput)
    return caught.value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"a: [", "This is not YAML"),
        (b"person: a\nperson: b", "stands here twice"),
        (b"person: a\n---\nperson: b", "2 documents stand here"),
        (b"", "The file is empty"),
    ],
)
def test_what_is_no_file_of_facts_is_refused(app, tmp_path: Path, content: bytes, words: str):
    file = tmp_path / "p.yaml"
    file.write_bytes(content)
    assert words in str(_refused(app, str(file), "--protocol", PROTOCOL, "--on", DAY))


def test_misuse_says_what_to_do(app, tmp_path: Path):
    file = tmp_path / "p.yaml"
    file.write_text("person: a")
    assert "There is no protocol x." in str(_refused(app, str(file), "--protocol", "x", "--on", DAY))
    assert "Write it as 2026-11-23." in str(_refused(app, str(file), "--protocol", PROTOCOL, "--on", "today"))
    gated = _refused(app, str(file), "--protocol", PROTOCOL, "--on", DAY, "--before", "v99")
    assert "No gate stands before v99." in str(gated)
    assert "v5" in gated.remedy
    missing = _refused(app, str(tmp_path / "none.yaml"), "--protocol", PROTOCOL, "--on", DAY)
    assert "No such file" in str(missing)


def test_the_example_of_the_guide_says_one_of_everything_and_can_be_judged(app):
    guide = Path(__file__).parents[2] / "docs" / "guide"
    (command,) = [line.split()[1:] for line in (guide / "screen.md").read_text().splitlines() if "docs/guide/" in line]
    command[1] = str(guide / "person.yaml")
    result = CliRunner().invoke(app, [*command, "--json"], catch_exceptions=False)
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    found = {(each["criterion"], each["medicine"]): each["verdict"] for each in said["findings"]}
    assert found["washout", "medicines.0"] == "not_met"
    assert found["washout", "medicines.1"] == found["washout", "medicines.2"] == "met"
    assert found["consent", ""] == found["weight", ""] == found["suicidality", ""] == "met"
    person = person_file.read(guide / "person.yaml").value
    assert all(getattr(person, field) for field in ("observations", "medicines", "scales", "consent", "visits"))
