"""`asklepion plan`: a table and JSON, from days that are named, with clear words for those that cannot be used."""

import json

import pytest
import typer
from typer.testing import CliRunner

from asklepion.cli import plan
from asklepion.core.errors import AsklepionError, BadInput, ManyFaults, UnknownId

PROTOCOL = "mdma-ptsd-phase-3"


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    plan.register(made)
    return made


def lines(app: typer.Typer, *typed: str) -> dict[str, str]:
    result = CliRunner().invoke(app, ["plan", PROTOCOL, *typed], catch_exceptions=False)
    assert result.exit_code == 0
    return {line.split()[0]: " ".join(line.split()[1:]) for line in result.stdout.splitlines()}


def error_of(app: typer.Typer, *typed: str) -> AsklepionError:
    with pytest.raises(AsklepionError) as caught:
        CliRunner().invoke(app, ["plan", *typed], catch_exceptions=False)
    return caught.value


def test_windows_are_counted_from_the_days_named(app):
    table = lines(app, "--anchor", "v5=2026-03-10")
    assert table["visit"] == "number title opens nominal closes"
    assert table["v6"] == "V6 Integration 1.1 2026-03-11 2026-03-11 2026-03-11"
    assert table["v10"] == "V10 Session 2 2026-03-31 2026-04-07 2026-04-14"
    assert table["v5"] == "V5 Session 1 2026-03-10 given"
    assert table["follow-up-12"] == "LTFU Long-term follow-up waits for last_dose"


def test_the_last_dose_may_be_named(app):
    table = lines(app, "--anchor", "last_dose=2026-03-10")
    assert table["follow-up-12"] == "LTFU Long-term follow-up 2026-09-09 2027-03-10 open"


def test_a_visit_whose_anchor_has_no_day_says_what_it_waits_for(app):
    table = lines(app)
    assert table["v10"] == "V10 Session 2 waits for v5"
    assert table["v1"] == "V1 Preparation 1 waits for enrolment"


def test_on_a_day_it_says_how_each_visit_stands(app):
    table = lines(app, "--anchor", "v5=2026-03-10", "--on", "2026-04-15")
    assert table["visit"].endswith("closes state")
    assert table["v10"].endswith("late")
    assert table["v11"].endswith("waiting")
    assert table["follow-up-6"].endswith("waiting")


def test_a_visit_held_inside_its_window_shows_both(app):
    table = lines(app, "--anchor", "v5=2026-03-10", "--anchor", "v10=2026-04-07")
    assert table["v10"] == "V10 Session 2 2026-03-31 2026-04-07 given 2026-04-14"


def test_json_holds_the_same(app):
    typed = ["plan", PROTOCOL, "--anchor", "v5=2026-03-10", "--on", "2026-04-15", "--json"]
    said = json.loads(CliRunner().invoke(app, typed, catch_exceptions=False).stdout)
    assert (said["protocol"], said["version"]) == (PROTOCOL, "2026-11")
    rows = {row["id"]: row for row in said["visits"]}
    assert rows["v10"] == {
        "id": "v10",
        "number": "V10",
        "title": "Session 2",
        "kind": "dosing",
        "role": "facilitator",
        "required": True,
        "anchor": "v5",
        "anchor_on": "2026-03-10",
        "opens": "2026-03-31",
        "nominal": "2026-04-07",
        "closes": "2026-04-14",
        "waits_for": None,
        "given_on": None,
        "state": "late",
    }
    assert rows["v11"]["waits_for"] == "v10"
    assert rows["v5"]["given_on"] == ["2026-03-10"]
    bare = json.loads(CliRunner().invoke(app, [*typed[:2], "--json"], catch_exceptions=False).stdout)
    assert "state" not in bare["visits"][0]


def test_an_unknown_protocol_names_those_on_file(app):
    error = error_of(app, "nothing")
    assert isinstance(error, UnknownId)
    assert f"There is no protocol nothing. On file: hamd-depression-trial, {PROTOCOL}." in str(error)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("enrolment", "--anchor enrolment: An anchor is an event and its day. Write it as enrolment=2026-11-23."),
        ("=2026-03-10", "--anchor =2026-03-10: An anchor is an event and its day."),
        ("v5=10.3.2026", "--anchor v5=10.3.2026: `10.3.2026` is not a date. Write year, month and day"),
        ("v5=2026-02-30", "`2026-02-30` is not a date."),
    ],
)
def test_an_anchor_that_cannot_be_read(app, typed, said):
    error = error_of(app, PROTOCOL, "--anchor", typed)
    assert isinstance(error, BadInput)
    assert said in str(error)


def test_an_event_with_two_days(app):
    error = error_of(app, PROTOCOL, "--anchor", "v5=2026-03-10", "--anchor", "v5=2026-03-11")
    assert "v5 has two days." in str(error)


def test_a_day_that_cannot_be_read(app):
    assert str(error_of(app, PROTOCOL, "--on", "today")).startswith("--on: `today` is not a date.")


def test_an_event_that_is_no_anchor(app):
    error = error_of(app, PROTOCOL, "--anchor", "birthday=2026-03-10")
    assert isinstance(error, ManyFaults)
    assert "`birthday` is no anchor of mdma-ptsd-phase-3." in str(error)
