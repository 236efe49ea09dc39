"""A plan run: its numbers are those of the functions it names, all faults are told, and what fails is not hidden."""

import csv
import hashlib
import io
import json
import math
import random
import re
import shutil
import subprocess
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from typer.testing import CliRunner

from asklepion.cli import app
from asklepion.core.errors import BadInput, ManyFaults
from asklepion.flows import report as flow
from asklepion.flows.report import program
from asklepion.flows.report.asked import Asked, Given, Told
from asklepion.flows.report.kinds import Analysis
from asklepion.flows.report.kinds.mmrm import Mmrm, Structure
from asklepion.paper.report import Report, as_json, numbered
from asklepion.stats import blinding, dose, missing, mmrm, network, responders, survival
from asklepion.stats.meta import Study, pool
from asklepion.stats.mmrm import LADDER, STRUCTURES
from asklepion.stats.selection import Condition, select
from asklepion.stats.tables import read_csv
from asklepion.stats.why import mediation, moderation


def trial(folder: Path) -> Path:
    """Write 60 people of two arms at three visits, some of whom left."""
    dice = random.Random(11)
    lines = ["USUBJID,TRT01P,AVISIT,BASE,AVAL,GUESS"]
    for person in range(60):
        arm, base = ("placebo", "MDMA")[person % 2], dice.gauss(40, 6)
        level, gone = dice.gauss(0, 5), dice.random()
        for week in (2, 4, 8):
            value = base + level - week * (0.5 + (person % 2)) + dice.gauss(0, 3)
            told = f"{value:.2f}" if gone > 0.04 * week else ""
            guess = dice.choice(["MDMA", "placebo", "do not know"])
            lines.append(f"{person:03},{arm},Week {week},{base:.2f},{told},{guess}")
    path = folder / "trial.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def relapses(folder: Path) -> Path:
    dice = random.Random(12)
    lines = ["USUBJID,TRT01P,AVAL,CNSR"]
    for person in range(40):
        time = dice.expovariate(1 / (90 + 60 * (person % 2)))
        lines.append(f"{person},{('placebo', 'MDMA')[person % 2]},{min(time, 180):.1f},{int(time > 180)}")
    path = folder / "relapse.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def studies(folder: Path) -> Path:
    path = folder / "studies.csv"
    path.write_text(
        "study,effect,variance,n,gone\nA 2018,-0.9,0.2,20,\nB 2021,-0.7,0.05,90,\nC 2023,-0.6,0.04,100,\n"
        "D 2020,-1.5,0.1,40,10 Aug 2024\n",
        "utf-8",
    )
    return path


def whole(folder: Path) -> dict[str, Any]:
    """Return a plan that names every kind, on files that are written beside it."""
    files = {
        "trial": trial(folder),
        "relapse": relapses(folder),
        "studies": studies(folder),
        "trials": trials(folder),
        "doses": doses(folder),
    }
    return {
        "title": "A plan of everything",
        "seed": 7,
        "data": {
            name: {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for name, path in files.items()
        },
        "populations": {"week-8": {"label": "Week 8", "where": [{"column": "AVISIT", "among": ["Week 8"]}]}},
        "analyses": [
            {"kind": "mmrm", "id": "primary", "title": "Severity", "data": "trial", "unit": "points",
             "arms": ["placebo", "MDMA"], "better": "lower"},
            {"kind": "responders", "id": "response", "title": "Response", "data": "trial", "definition": "fall>=10",
             "visit_is": "Week 8", "arms": ["placebo", "MDMA"]},
            {"kind": "missing", "id": "lost", "title": "Lost", "data": "trial", "reference": "placebo",
             "unit": "points", "strategies": ["mar", "jump-to-reference"], "tipping": True,
             "grid": [0.0, 5.0, 10.0, 15.0]},
            {"kind": "effect", "id": "size", "title": "Size", "data": "trial", "population": "week-8", "value": "AVAL",
             "before": "BASE", "arms": ["placebo", "MDMA"]},
            {"kind": "blinding", "id": "guesses", "title": "Guesses", "data": "trial", "population": "week-8",
             "treated": "MDMA", "control": "placebo", "unknown": ["do not know"]},
            {"kind": "survival", "id": "relapse", "title": "Relapse", "data": "relapse", "unit": "days",
             "arms": ["placebo", "MDMA"], "event_words": "relapse"},
            {"kind": "meta", "id": "evidence", "title": "Evidence", "data": "studies", "unit": "Hedges' g",
             "variance": "variance", "people": "n", "retracted": "gone", "favours": ["MDMA", "control"]},
            {"kind": "network", "id": "network", "title": "Network", "data": "trials", "of": "odds", "unit": "log odds",
             "lower_is_better": False, "reference": "placebo"},
            {"kind": "mediation", "id": "why", "title": "Why", "data": "trial", "population": "week-8", "draws": 200,
             "mediators": ["BASE"], "control": "placebo", "treated": "MDMA"},
            {"kind": "moderation", "id": "whom", "title": "For whom", "data": "trial", "population": "week-8",
             "moderators": ["BASE"], "control": "placebo", "treated": "MDMA"},
            {"kind": "dose", "id": "dose", "title": "Dose", "data": "doses", "effect": -5.0,
             "shapes": ["emax:2", "linear"]},
            {"kind": "unblinding", "id": "unblinded", "title": "Unblinding", "data": "trial", "population": "week-8",
             "control": "placebo", "treated": "MDMA"},
            {"kind": "participants", "id": "people", "title": "Flow", "together": [
                {"title": "Assessed", "people": 70, "left": {"Declined": 10}}, {"title": "Randomised", "people": 60}],
             "arms": [{"name": "placebo", "stages": [{"title": "Allocated", "people": 30}]},
                      {"name": "MDMA", "stages": [{"title": "Allocated", "people": 30}]}]},
        ],
        "testing": {"rule": "fixed-sequence", "order": [
            {"analysis": "primary", "line": "MDMA - placebo at Week 8"},
            {"analysis": "primary", "line": "MDMA - placebo at Week 2"},
            {"analysis": "primary", "line": "MDMA - placebo at Week 4"},
        ]},
    }  # fmt: skip


def doses(folder: Path) -> Path:
    return Path(shutil.copy(Path(__file__).parents[2] / "docs" / "guide" / "small-doses.csv", folder))


def trials(folder: Path) -> Path:
    path = folder / "trials.csv"
    path.write_text(
        "trial,treatment,events,people,retracted\nA,placebo,9,40,\nA,MDMA,20,40,\nB,placebo,10,50,\nB,LSD,18,50,\n"
        "C,MDMA,21,44,\nC,LSD,15,45,\nC,placebo,9,45,\nD,placebo,1,30,2024\nD,MDMA,25,30,2024\n",
        "utf-8",
    )
    return path


def written(folder: Path, plan: dict[str, Any]) -> Path:
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, sort_keys=False, allow_unicode=True), "utf-8")
    return path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    written(folder, whole(folder))
    return folder


@pytest.fixture(scope="module")
def made(desk: Path) -> Report:
    return flow.run(flow.read(desk / "plan.yaml"))


def values(made: Report, analysis: str, table: str) -> dict[str, tuple[object, ...]]:
    section = next(each for each in made.sections if each.id == analysis)
    found = next(each for each in section.tables if each.title.startswith(table))
    return {line.label: line.cells for line in found.lines}


def test_every_kind_is_in_the_plan_and_gives_numbers(made: Report) -> None:
    kinds = {get_args(each.__annotations__["kind"])[0] for each in get_args(get_args(Analysis)[0])}
    assert {each.kind for each in made.sections} == kinds
    assert made.failed == ()
    assert all(each.tables for each in made.sections)


def test_numbers_are_those_of_the_functions_that_the_report_names(made: Report, desk: Path) -> None:
    rows = read_csv(desk / "trial.csv", labels=("USUBJID", "TRT01P")).rows
    fitted = mmrm.fit(rows, mmrm.Model(arms=("placebo", "MDMA")))
    for each in mmrm.contrasts(fitted, freedom=mmrm.Freedom.KENWARD_ROGER):
        assert values(made, "primary", "Contrasts")[each.label] == (
            each.estimate, each.se, each.df, each.lower, each.upper, each.p,
        )  # fmt: skip
    for each in mmrm.lsmeans(fitted, freedom=mmrm.Freedom.KENWARD_ROGER):
        n, estimate, *_ = values(made, "primary", "LS means")[each.label]
        arm, visit = each.label.split(" at ")
        assert estimate == each.estimate
        assert n == rows[(rows["TRT01P"] == arm) & (rows["AVISIT"] == visit)]["AVAL"].notna().sum()
    last = rows[rows["AVISIT"] == "Week 8"].dropna(subset=["AVAL"])
    parts = [last[last["TRT01P"] == arm]["AVAL"].to_numpy(float) for arm in ("MDMA", "placebo")]
    for one in responders.between(*parts):
        label = f"MDMA against placebo: {one.measure}, {one.standardiser}"
        assert values(made, "size", "Between")[label] == (one.people, one.estimate, one.lower, one.upper)
    told = pool([Study("A 2018", -0.9, 0.2), Study("B 2021", -0.7, 0.05), Study("C 2023", -0.6, 0.04)])
    assert values(made, "evidence", "Pooled")["All that stand"][0] == told.effect.estimate
    lost = missing.analyse(rows, missing.Plan(
        model=mmrm.Model(ladder=()), reference="placebo", strategies=(missing.Strategy.MAR, missing.Strategy.JUMP)
    ))  # fmt: skip
    for answer in lost.answers:
        (one,) = answer.contrasts
        assert values(made, "lost", "Contrasts")[f"{answer.strategy}: {one.label}"] == (
            one.estimate, one.se, "normal", one.lower, one.upper, one.p,
        )  # fmt: skip
    last = select(rows, (Condition(column="AVISIT", among=("Week 8",)),))[0]
    asked = mediation.Question(value="AVAL", mediators=("BASE",), control="placebo", treated="MDMA", draws=200, seed=7)
    for path in mediation.mediate(last, asked).paths:
        assert values(made, "why", "Effects")[path.label] == (
            path.estimate, path.se, path.lower, path.upper, *path.percentile, path.p,
        )  # fmt: skip
    (base,) = moderation.moderate(
        last, moderation.Question(value="AVAL", moderators=("BASE",), control="placebo", treated="MDMA")
    )
    assert values(made, "whom", "Does the effect")["BASE"] == (base.f, *base.df, base.p, base.p_holm, base.q)
    assert [cells[1] for cells in values(made, "whom", "MDMA less").values()][1:] == [e.estimate for e in base.levels]
    found = dose.dose_response(read_csv(desk / "small-doses.csv").rows, dose.Question(
        value="AVAL", candidates=(dose.candidate("emax:2"), dose.candidate("linear")), effect=-5.0, seed=7
    ))  # fmt: skip
    assert [cells[0] for cells in values(made, "dose", "Contrasts").values()] == [c.t for c in found.test.contrasts]
    assert [cells[3] for cells in values(made, "dose", "Shapes").values()] == [found.targets[0].dose, "not reached"]
    guessed = blinding.adjusted(last, blinding.Question(value="AVAL", control="placebo", treated="MDMA"))
    shown = values(made, "unblinded", "With and without")
    assert [cells[0] for cells in shown.values()] == [
        guessed.plain.estimate, guessed.with_guess.estimate, guessed.guess.estimate,
    ]  # fmt: skip
    net = network.network([
        network.log_odds("A", [("placebo", 9, 40), ("MDMA", 20, 40)]),
        network.log_odds("B", [("placebo", 10, 50), ("LSD", 18, 50)]),
        network.log_odds("C", [("MDMA", 21, 44), ("LSD", 15, 45), ("placebo", 9, 45)]),
    ], reference="placebo")  # fmt: skip
    for effect in net.effects:
        assert values(made, "network", "Against placebo")[effect.label] == (
            effect.estimate, effect.se, effect.lower, effect.upper, effect.p,
        )  # fmt: skip
    followed = survival.read(read_csv(desk / "relapse.csv", labels=("USUBJID",)).rows,
                             survival.Columns(arms=("placebo", "MDMA")))  # fmt: skip
    assert values(made, "relapse", "Log-rank")["Test of all arms"][2:] == (
        survival.log_rank(followed).chi_square, 1, survival.log_rank(followed).p,
    )  # fmt: skip


def test_every_number_of_the_pages_is_in_the_list_with_function_input_and_rows(made: Report) -> None:
    told: Any = json.loads(json.dumps(as_json(made), allow_nan=False))
    cells = [
        cell for section in made.sections for table in section.tables for line in table.lines for cell in line.cells
        if isinstance(cell, int | float)
    ]  # fmt: skip
    assert len(told["numbers"]) == len(cells) > 200
    analyses = {each["id"]: each for each in told["analyses"]}
    hashes = {each["sha256"] for each in told["inputs"]}
    for each in told["numbers"].values():
        module, _, name = each["function"].partition(":")
        assert module.startswith("asklepion.")
        path, line = re.fullmatch(r"(asklepion/.+\.py), line (\d+)", each["place"]).groups()  # type: ignore[union-attr]
        text = (Path(flow.__file__).parents[3] / path).read_text("utf-8").splitlines()
        assert any(f"def {name.rpartition('.')[2]}(" in row for row in text[int(line) - 1 : int(line) + 2])
        of = analyses[each["analysis"]]
        assert of["kind"] == "participants" or of["input_sha256"] in hashes
        assert of["used"]


def test_ids_of_numbers_are_those_of_the_lines_on_the_pages(made: Report) -> None:
    first = list(numbered(made.sections[0]))
    assert [each.id for each in first[:3]] == ["1.1.2-log-likelihood", "1.1.aic", "1.1.steps"]
    assert len({each.id for section in made.sections for each in numbered(section)}) == sum(
        1 for section in made.sections for _ in numbered(section)
    )


def test_two_runs_give_the_same_files_byte_for_byte(desk: Path, made: Report, tmp_path: Path) -> None:
    again = flow.run(flow.read(desk / "plan.yaml"))
    names = flow.write(made, tmp_path / "one")
    assert flow.write(again, tmp_path / "two") == names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_the_pdf_has_title_language_tags_and_says_what_it_rests_on(made: Report, tmp_path: Path) -> None:
    flow.write(made, tmp_path / "out")
    content = (tmp_path / "out/report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/StructTreeRoot" in content
    assert re.search(rb"/Lang ?\(en\)", content)


def test_a_table_as_csv_holds_number_unit_and_hash(made: Report, desk: Path, tmp_path: Path) -> None:
    flow.write(made, tmp_path / "out")
    text = (tmp_path / "out/tables/primary-3-contrasts.csv").read_text("utf-8")
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert (row["number"], row["label"], row["unit"]) == ("1.8", "MDMA - placebo at Week 2", "points")
    assert row["source_sha256"] == hashlib.sha256((desk / "trial.csv").read_bytes()).hexdigest()
    assert float(row["estimate"]) == values(made, "primary", "Contrasts")["MDMA - placebo at Week 2"][0]


def test_a_retracted_study_does_not_count_and_is_named(made: Report) -> None:
    section = next(each for each in made.sections if each.id == "evidence")
    assert "D 2020 does not count: retracted 10 Aug 2024." in section.notes
    assert ("retracted", 1) in section.trace.left_out
    assert "Retracted 10 Aug 2024, not counted" in section.figures[0].svg


def test_rows_left_out_by_a_population_are_counted(made: Report) -> None:
    section = next(each for each in made.sections if each.id == "size")
    assert section.trace.left_out[0] == ("not: AVISIT is Week 8", 120)
    assert section.trace.left_out[1][0] == "AVAL is missing"


def test_testing_stops_at_the_first_that_is_not_rejected(desk: Path, made: Report) -> None:
    p = {line: cells[-1] for line, cells in values(made, "primary", "Contrasts").items()}
    assert float(p["MDMA - placebo at Week 2"]) > 0.05 > float(p["MDMA - placebo at Week 8"])  # type: ignore[arg-type]
    assert [each.verdict for each in made.testing] == [
        "rejected", "not rejected", "not tested: one before it was not rejected",
    ]  # fmt: skip
    assert made.testing[0].number == "1.10"


def test_an_analysis_that_fails_stands_at_its_place_and_the_others_go_on(desk: Path, tmp_path: Path) -> None:
    plan = whole(tmp_path)
    plan["analyses"][0]["visits"] = ["Week 2"]
    plan["analyses"][-1]["together"][1]["people"] = 61
    told = CliRunner().invoke(app, ["analyse", "report", str(written(tmp_path, plan)), "--out", str(tmp_path / "out")])
    assert told.exit_code == 1, told.output
    numbers = json.loads((tmp_path / "out/numbers.json").read_text("utf-8"))
    failed = {each["id"]: each["failed"] for each in numbers["analyses"] if each["failed"]}
    assert set(failed) == {"primary", "people"}
    assert "is not in the given order" in failed["primary"]
    assert "Assessed lets 60 people through, and Randomised has 61" in failed["people"]
    assert "Assessed lets 60 people" in told.output
    verdicts = [each["verdict"] for each in numbers["testing"]["order"]]
    assert verdicts == ["no p: the analysis failed", *["not tested: one before it has no p"] * 2]


def test_a_fault_of_the_program_is_said_to_be_one_and_hides_nothing(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Mmrm, given: Given) -> Told:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Mmrm, "run", broken)
    made = flow.run(flow.read(desk / "plan.yaml"))
    assert [each.id for each in made.failed] == ["primary"]
    assert "ZeroDivisionError: division by zero" in made.failed[0].failed


def test_a_file_that_is_not_the_planned_one_is_refused_before_anything(tmp_path: Path) -> None:
    plan = whole(tmp_path)
    plan["data"]["trial"]["sha256"] = "0" * 64
    plan["data"]["relapse"]["file"] = "nothing.csv"
    read = flow.read(written(tmp_path, plan))
    with pytest.raises(ManyFaults) as caught:
        flow.run(read)
    told = str(caught.value)
    assert "2 files are not as the plan says" in told
    assert f"trial.csv: Its SHA-256 is {hashlib.sha256((tmp_path / 'trial.csv').read_bytes()).hexdigest()}" in told
    assert "nothing.csv: It cannot be read" in told


def test_a_file_without_a_planned_hash_is_read_and_said_to_have_none(tmp_path: Path) -> None:
    plan = whole(tmp_path)
    del plan["data"]["trial"]["sha256"]
    made = flow.run(flow.read(written(tmp_path, plan)))
    assert {each.name: each.stated for each in made.sources} == {
        "trial": False,
        "relapse": True,
        "studies": True,
        "trials": True,
        "doses": True,
    }


def test_every_fault_of_a_plan_is_told_with_its_line_and_path(tmp_path: Path) -> None:
    plan = whole(tmp_path)
    plan["alpha"] = 1.5
    plan["analyses"][0]["structur"] = "us"
    plan["analyses"][1]["kind"] = "responder"
    plan["populations"]["week-8"]["where"][0]["amongst"] = []
    with pytest.raises(ManyFaults) as caught:
        flow.read(written(tmp_path, plan))
    told = str(caught.value)
    assert "4 faults in the plan" in told
    assert re.search(
        r"plan\.yaml, .*line \d+, analyses\S* structur: There is no field `structur` here", told
    ) or re.search(r"structur", told)
    assert "There is no kind responder. Use one of:" in told
    assert "There are: id, title, data" in told
    assert "There are: column, among" in told


def test_a_plan_without_analyses_is_none(tmp_path: Path) -> None:
    with pytest.raises(ManyFaults, match="analyses"):
        flow.read(written(tmp_path, {"title": "Nothing", "analyses": []}))


@pytest.mark.parametrize(
    ("text", "message"), [("", "empty"), ("title: [", "not YAML"), ("a: 1\n---\nb: 2", "2 documents")]
)
def test_a_file_that_holds_no_plan_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(text, "utf-8")
    with pytest.raises(BadInput, match=message):
        flow.read(tmp_path / "plan.yaml")
    with pytest.raises(BadInput, match="cannot be read"):
        flow.read(tmp_path / "nothing.yaml")


def test_what_a_plan_names_and_does_not_have_is_told(tmp_path: Path) -> None:
    plan = whole(tmp_path)
    plan["analyses"][0]["data"] = "trail"
    plan["analyses"][1]["id"] = "primary"
    plan["analyses"][3]["population"] = "itt"
    plan["testing"]["order"][0]["analysis"] = "secondary"
    with pytest.raises(ManyFaults) as caught:
        flow.read(written(tmp_path, plan))
    told = str(caught.value)
    for what in (
        "There is no data trail",
        "id 'primary' is not",
        "There is no population itt",
        "no analysis secondary",
    ):
        assert what in told


@pytest.mark.parametrize(
    ("place", "changes", "message"),
    [
        (3, {"population": ""}, "has more than one row"),
        (3, {"arms": ["placebo", "LSD"]}, "Arm LSD has 0 rows"),
        (4, {"unknown": []}, "do not know is no guess that the plan names"),
        (4, {"treated": "LSD"}, "There is an arm MDMA"),
        (4, {"data": "", "population": ""}, "names no data"),
        (6, {"variance": None}, "Name the variance or the standard error"),
        (1, {"definition": "better"}, "is no definition of a response"),
    ],
)
def test_what_an_analysis_cannot_take_is_its_failure(
    place: int, changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    plan = whole(tmp_path)
    plan["analyses"] = [plan["analyses"][place] | changes]
    del plan["testing"]
    made = flow.run(flow.read(written(tmp_path, plan)))
    assert message in made.sections[0].failed
    assert "The program failed" not in made.sections[0].failed
    assert made.sections[0].tables == ()


def test_studies_come_with_variances_or_with_standard_errors(tmp_path: Path) -> None:
    """The six trials of MDMA for PTSD in Metapsy, doi 10.5281/zenodo.18740439; figures as R's meta 8.4-0 gives them."""
    lines = [
        "study,g,se",
        "Mitchell 2021,-0.771194607826,0.233827703341",
        "Mitchell 2023,-0.591459450241,0.211971363350",
        "Mithoefer 2018,-0.960336058464,0.502780959934",
        "Oehen 2013,-0.852501962138,0.640733080682",
        "Mithoefer 2011,-1.207967245877,0.498099134594",
        "Ot'alora 2018,-0.276104630689,0.502329233787",
    ]
    (tmp_path / "mdma.csv").write_text("\n".join(lines) + "\n", "utf-8")
    asked = {"kind": "meta", "id": "mdma", "title": "MDMA", "data": "mdma", "effect": "g", "se": "se"}
    plan = {"title": "Synthesis", "data": {"mdma": {"file": "mdma.csv"}}, "analyses": [asked]}
    made = flow.run(flow.read(written(tmp_path, plan)))
    pooled = values(made, "mdma", "Pooled effect")
    estimate, _, lower, upper, df, p = pooled["All that stand"]
    assert (estimate, lower, upper, df, p) == (
        pytest.approx(-0.711929515, abs=1e-8), pytest.approx(-0.953420226, abs=1e-8),
        pytest.approx(-0.470438805, abs=1e-8), 5, pytest.approx(0.000634850722, abs=1e-9),
    )  # fmt: skip
    assert pooled["Prediction, the next study"][2:4] == pytest.approx((-1.058764450, -0.365094580), abs=1e-8)
    assert values(made, "mdma", "Differences")["All that stand"][4] == pytest.approx(2.423959, abs=1e-6)


def test_what_is_pooled_as_a_logarithm_says_so_and_is_told_as_a_ratio_too(tmp_path: Path) -> None:
    (tmp_path / "rr.csv").write_text("study,effect,se\nA,0.2,0.1\nB,0.5,0.2\nC,0.4,0.3\n", "utf-8")
    asked = {"kind": "meta", "id": "rr", "title": "RR", "data": "rr", "se": "se", "unit": "risk ratio", "ratio": True}
    plan = {"title": "Synthesis", "data": {"rr": {"file": "rr.csv"}}, "analyses": [asked]}
    made = flow.run(flow.read(written(tmp_path, plan)))
    units = {table.title: table.unit for table in made.sections[0].tables}
    assert units["Pooled effect"] == units["Leaving each study out"] == "logarithm of risk ratio"
    assert units["Pooled effect as a ratio"] == "risk ratio"
    pooled = values(made, "rr", "Pooled effect")["All that stand"][0]
    assert isinstance(pooled, float)
    ratio = values(made, "rr", "Pooled effect as a ratio")["All that stand, as a ratio"][0]
    assert ratio == pytest.approx(math.exp(pooled), rel=1e-12)


def test_a_file_of_metapsy_is_read_by_its_own_columns(tmp_path: Path) -> None:
    """Rows are selected as SYPRES does; a DOI that our references mark as retracted does not count, and is named."""
    head = "study;condition_arm1;outcome_type;instrument;primary_instrument;primary_timepoint;time_days;multi_arm1;"
    rows = [
        f"{study};mdma;msd;caps-5;1;1;28;NA;NA;{g};{se};{doi}"
        for study, g, se, doi in (
            ("A", "-0,77", "0,23", "10.1000/a"),
            ("B", "-0,59", "0,21", "10.1000/b"),
            ("J", "-1,50", "0,30", "10.1007/s00213-020-05548-2"),
        )
    ]
    rows.append("A;mdma;response;caps-5;1;1;28;NA;NA;NA;NA;10.1000/a")
    text = "\n".join([f"{head}multi_arm2;.g;.g_se;doi", *rows]) + "\n"
    (tmp_path / "metapsy.csv").write_text(text, "utf-8")
    asked = {"kind": "meta", "id": "mdma", "title": "MDMA", "data": "mdma", "metapsy": {}}
    plan = {"title": "S", "data": {"mdma": {"file": "metapsy.csv", "format": "metapsy"}}, "analyses": [asked]}
    (only,) = flow.run(flow.read(written(tmp_path, plan))).sections
    assert only.failed == ""
    assert only.trace.used == "2 studies"
    assert ("another outcome", 1) in only.trace.left_out
    assert any("J does not count: retracted (reference jerome2020)" in note for note in only.notes)
    plan["analyses"][0]["population"] = "all"  # type: ignore[index]
    plan["populations"] = {"all": {"label": "All"}}
    (only,) = flow.run(flow.read(written(tmp_path, plan))).sections
    assert "is read whole" in only.failed


def test_a_part_without_a_number_is_said_first_and_ends_in_exit_1(tmp_path: Path) -> None:
    rows = "USUBJID,TRT01P,AVAL,CNSR\n1,a,5,1\n2,a,6,1\n3,a,7,1\n4,b,3,0\n5,b,4,0\n6,b,8,1\n"
    (tmp_path / "few.csv").write_text(rows, "utf-8")
    asked = {"kind": "survival", "id": "few", "title": "Few", "data": "few"}
    plan = {"title": "Few", "data": {"few": {"file": "few.csv"}}, "analyses": [asked]}
    file, out = written(tmp_path, plan), tmp_path / "out"
    told = CliRunner().invoke(app, ["analyse", "report", str(file), "--out", str(out), "--json"])
    assert told.exit_code == 1
    (only,) = json.loads((out / "numbers.json").read_text("utf-8"))["analyses"]
    assert only["failed"] is None
    assert only["unmet"][0].startswith("Hazard ratios have no number.")
    assert json.loads(told.stdout)["analyses"] == [only]


def test_a_folder_that_holds_something_is_refused(made: Report, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("x")
    with pytest.raises(BadInput, match="not empty"):
        flow.write(made, tmp_path)


def test_a_seed_is_asked_for_where_chance_has_a_part() -> None:
    given = Given(table=None, alpha=0.05, seed=None, decimals=2)
    with pytest.raises(BadInput, match="no seed"):
        given.seeded()
    assert replace(given, seed=3).seeded() == 3


def test_structures_of_a_plan_are_those_of_the_model() -> None:
    assert get_args(Structure) == STRUCTURES
    assert next(each for each in fields(Mmrm) if each.name == "ladder").default == LADDER
    with pytest.raises(BadInput, match="is none"):
        Asked(id="x", title="X").run(Given(table=None, alpha=0.05, seed=None, decimals=2))


def test_the_program_is_named_with_its_commit_only_where_git_knows_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program.asklepion, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "__init__.py").write_text("")
    assert program.program().startswith("asklepion 0")
    assert "commit" not in program.program()
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "__init__.py"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)
    assert re.search(r", commit [0-9a-f]{40}$", program.program())
    (tmp_path / "__init__.py").write_text("1")
    assert program.program().endswith(" with changes")
