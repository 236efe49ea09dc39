"""Edges: files and tables at which a result would look like one and be none. Each is refused, or left out by name."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from asklepion.cli import main
from asklepion.core.errors import BadInput
from asklepion.stats.design.randomisation import Allocated, Blocks, Minimisation, minimise, sealed_list
from asklepion.stats.design.walk import crossing
from asklepion.stats.survival import Columns, log_rank, read
from asklepion.stats.why import mediation

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def told(content: str, *words: str, name: str = "table.csv") -> tuple[int, str, str]:
        """Run `analyse`; the file stands where the words say FILE. Exit code, what was printed, what went wrong."""
        file = tmp_path / name
        file.write_text(content, "utf-8")
        monkeypatch.setattr("sys.argv", ["asklepion", *(str(file) if each == "FILE" else each for each in words)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return told


def measures(people: int, value: Callable[[int, str], float], *, arm: str = "ab", name: str = "m") -> str:
    rows = [f"p{i},{session},{name},{value(i, session)},ms,{arm[i % 2]}" for i in range(people) for session in "AB"]
    return "\n".join(rows) + "\n"


HEAD = "participant_id,session,measure,value,unit,arm\n"
CHANGE = ("analyse", "change", "FILE", "--before", "A", "--after", "B")
NOISE = np.random.default_rng(3).normal(size=(40, 2)).round(3)


def noise(i: int, session: str) -> float:
    return float(NOISE[i, int(session == "B")])


def test_a_change_that_is_the_same_for_all_has_no_effect_of_a_thousand_million(run: Run) -> None:
    rows = HEAD + measures(8, lambda i, session: 0.1 * (i + 1) + (0.2 if session == "B" else 0.0))
    for more in ((), ("--group", "arm")):
        code, out, _ = run(rows, *CHANGE, *more, "--json")
        (told,) = json.loads(out)["measures"]
        assert code == 1
        assert told["p"] is told["q"] is told["effect"] is None
        assert told["p"] is told["effect"] is told["difference"]["lower"] is None


def test_two_people_have_no_corrected_effect(run: Run) -> None:
    code, out, _ = run(HEAD + measures(2, noise), *CHANGE, "--json")
    assert code == 0
    assert json.loads(out)["measures"][0]["effect"] is None


def test_a_measure_that_one_group_lacks_is_left_out_by_name(run: Run) -> None:
    lone = "".join(
        line + "\n" for line in measures(8, noise, name="k").splitlines() if not line.endswith("b") or "p1," in line
    )
    code, out, _ = run(HEAD + measures(8, noise) + lone, *CHANGE, "--group", "arm")
    assert code == 0
    assert "k left out: a group has 1 with both sessions." in out


def test_who_lacks_a_session_is_counted(run: Run) -> None:
    code, out, _ = run(HEAD + measures(8, noise) + "p9,A,m,3,ms,a\n", *CHANGE)
    assert code == 0
    assert "m: 1 people left out, without it at both sessions." in out


@pytest.mark.parametrize(
    ("rows", "words", "said"),
    [
        (",A,m,3,ms,a\n", (), "column participant_id, line 18: It is empty"),
        ("p9,A,,3,ms,a\n", (), "column measure, line 18: It is empty"),
        ("p9,A,m,1e300,ms,a\n", (), "column value, line 18: A value is infinite, or too large"),
        ("", ("--after", "A"), "A is both sessions"),
        ("", ("--group", "participant_id"), "One column is named for two things"),
        ("", ("--group", "arm", "--groups", "a,b,a"), "A level is named twice"),
        ("", ("--seed", "-1"), "Invalid value for '--seed'"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    run: Run, rows: str, words: tuple[str, ...], said: str
) -> None:
    code, _, error = run(HEAD + measures(8, noise) + rows, *CHANGE, *words)
    assert (code, said in error) == (2, True), error


def test_more_values_than_headings_are_no_other_columns(run: Run) -> None:
    code, _, error = run(HEAD + measures(4, noise).replace("\n", ",7\n"), *CHANGE)
    assert code == 2
    assert "more values than there are headings (6)" in error


def test_tabs_are_known_by_the_ending_however_it_is_written(run: Run) -> None:
    code, _, _ = run((HEAD + measures(4, noise)).replace(",", "\t"), *CHANGE, name="table.TSV")
    assert code == 0


@pytest.mark.parametrize("looks", [20, 50])
def test_many_looks_spend_all_of_alpha(run: Run, looks: int) -> None:
    code, out, _ = run("", "design", "boundaries", "--looks", str(looks), "--json")
    told = json.loads(out)
    assert code == 0
    assert told["spent"][-1] == pytest.approx(0.025, abs=1e-9)
    assert sum(told["stops"]) == pytest.approx(0.9, abs=1e-9)


def test_looks_close_together_equal_the_multivariate_normal() -> None:
    """SciPy 1.17: P(all Z <= z), their correlations sqrt(earlier / later)."""
    times, z, drift = np.array([0.9998, 0.9999, 1.0]), np.array([2.0, 1.95, 1.9]), 3.0
    passed, _ = crossing(times, z, drift=drift)
    shape = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    stayed = stats.multivariate_normal(drift * np.sqrt(times), shape).cdf(z)
    assert 1 - passed.sum() == pytest.approx(float(stayed), abs=1e-4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--looks", "0.5,0.50001,1"), "two closer than 0.0005"),
        (("--looks", "100"), "There are 100 looks"),
        (("--looks", "0.001,1"), "There is no such boundary"),
        (("--looks", "3", "--alpha", "1e-20"), "One-sided alpha 1e-20 with power 0.9 cannot be"),
        (("--looks", "3", "--power", "0.9999999999", "--futility"), "cannot be"),
        (("--looks", "3", "--shape", "spend-hsd", "--gamma", "nan"), "A gamma of nan"),
        (("--looks", "3", "--shape", "spend-hsd", "--gamma", "-800"), "A gamma of -800"),
    ],
)
def test_looks_that_have_no_boundary_are_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, error = run("", "design", "boundaries", *words)
    assert (code, said in error) == (2, True), error


def test_extreme_error_rates_have_boundaries(run: Run) -> None:
    for words in (("--alpha", "1e-9"), ("--alpha", "0.49", "--shape", "obrien-fleming", "--futility")):
        code, _, error = run("", "design", "boundaries", "--looks", "3", *words)
        assert (code, error) == (0, "")


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ((("SITE", ("north", "north")),), "A level of SITE is named twice"),
        ((("SITE", ("a", "b")), ("SITE", ("a", "b"))), "two columns SITE"),
        ((("place", ("a", "b")),), "two columns place"),
        ((("SITE", tuple(map(str, range(100_000)))),), "These are 2000000 places"),
    ],
)
def test_strata_that_would_be_two_of_one_are_refused(factors: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        sealed_list(Blocks(arms=("a", "b"), seed="s", people=20, sizes=(4,), factors=factors))


def test_arms_that_tie_by_weights_of_tenths_are_drawn_alike() -> None:
    """Counts tie at .1 + .2 against .3, which are two numbers to a computer."""
    design: dict[str, Any] = {
        "arms": ("a", "b"),
        "factors": ("f", "g", "h"),
        "weights": (0.1, 0.2, 0.3),
        "favoured": 1.0,
    }
    before = (Allocated(("x", "x", "y"), "a"), Allocated(("y", "y", "x"), "b"))
    chosen = {minimise(Minimisation(seed=f"seed {k}", **design), before, ("x", "x", "x")).arm for k in range(40)}
    assert chosen == {"a", "b"}
    with pytest.raises(BadInput, match="weights do not fit"):
        minimise(Minimisation(seed="s", **{**design, "weights": (1.0,)}), before, ("x", "x", "x"))


def relapses(people: int = 12, *, time: Callable[[int], object] = lambda i: i + 1, arm: str = "ab") -> str:
    rows = [f"p{i},{time(i)},{int(i % 4 == 3)},{arm[i % len(arm)]},{i * 5 % people},x" for i in range(people)]
    return "USUBJID,AVAL,CNSR,TRT01P,S,ONE\n" + "\n".join(rows) + "\n"


SURVIVAL = ("analyse", "survival", "FILE")


@pytest.mark.parametrize("given", ["abc", "5,nan", "-3", "inf"])
def test_times_that_are_none_are_refused(run: Run, given: str) -> None:
    code, out, error = run(relapses(), *SURVIVAL, "--at", given)
    assert (code, out) == (2, "")
    assert "is no list of times" in error


def test_a_time_past_the_last_one_is_said(run: Run) -> None:
    code, out, _ = run(relapses(), *SURVIVAL, "--at", "3,99")
    assert code == 0
    assert "a was followed to 11: nothing at 99." in out


def test_a_mean_without_end_is_refused_though_all_had_the_event(run: Run) -> None:
    code, _, error = run(relapses(3 * 4).replace(",1,", ",0,"), *SURVIVAL, "--horizon", "inf")
    assert code == 2
    assert "A horizon of inf" in error


def test_strata_of_one_person_tell_no_arms_apart(run: Run) -> None:
    for stratum in ("S", "TRT01P"):
        code, out, _ = run(relapses(), *SURVIVAL, "--stratum", stratum)
        assert code == 1
        assert "strata: no number, the events tell no arms apart" in out
        assert "Hazard ratios: no number." in out


def test_one_arm_has_curves_and_no_test(run: Run) -> None:
    code, out, _ = run(relapses(arm="a"), *SURVIVAL, "--json")
    told = json.loads(out)
    assert (code, told["log_rank"]["p"], len(told["curves"])) == (1, None, 1)


def test_events_all_at_one_time_do_not_tell_whether_hazards_are_proportional(run: Run) -> None:
    code, out, _ = run(relapses(time=lambda i: 5), *SURVIVAL)
    assert code == 0
    assert "Are hazards proportional? No number." in out
    assert re.search(r"^a +5\.0000 +- to - +-$", out, re.MULTILINE)


def test_an_event_may_be_written_as_one_point_nought(run: Run) -> None:
    table = relapses().replace(",0,", ",ev1.0,").replace(",1,", ",ev0,").replace("ev", "")
    for label in ("1", "1.0"):
        _, out, _ = run(table, *SURVIVAL, "--event-is", label)
        assert "12 people, 9 events" in out


def test_a_person_without_a_name_is_refused(run: Run) -> None:
    code, _, error = run(relapses() + ",3,0,a,1,x\n", *SURVIVAL)
    assert (code, "column USUBJID, line 14: It is empty" in error) == (2, True)


def test_who_lacks_a_covariate_is_told_beside_the_hazard_ratios(run: Run) -> None:
    _, out, _ = run(relapses().replace(",0,x", ",,x").replace(",5,x", ",,x"), *SURVIVAL, "--covariate", "S")
    assert "2 rows left out: S is missing." in out


def test_an_arm_that_was_gone_before_the_first_event_takes_no_degree_of_freedom() -> None:
    """R 4.2.2, survival 3.5-3, survdiff: chi-square 1.198812188 on 1 degree of freedom, p 0.2735592."""
    rng = np.random.default_rng(20)
    n = 150
    arm = rng.choice(["a", "b", "c"], n)
    rng.choice(["u", "v", "w", "x"], n, p=[0.5, 0.3, 0.19, 0.01])
    rng.normal(size=n), rng.choice([1, 2, 3], n)
    time = np.ceil(rng.exponential(4, n) * np.where(arm == "a", 1, 1.5))
    event = (rng.random(n) < 0.7).astype(int)
    gone = arm == "c"
    table = pd.DataFrame({"t": np.where(gone, 0.5, time), "e": np.where(gone, 0, event), "arm": arm})
    told = log_rank(read(table, Columns(time="t", event="e", event_is=("1",), arm="arm", subject=None)))
    assert (told.chi_square, told.df, told.p) == pytest.approx((1.198812188, 1, 0.2735592), abs=1e-7)


def arms(
    people: int = 12,
    *,
    value: Callable[[int], object] = lambda i: 10 + i,
    base: Callable[[int], object] = lambda i: 30 + i,
) -> str:
    rows = [f"p{i},W1,{value(i)},{base(i)},{('placebo', 'drug', 'third')[i % 3]}" for i in range(people)]
    return "USUBJID,AVISIT,AVAL,BASE,TRT01P\n" + "\n".join(rows) + "\n"


RESPONDERS = ("analyse", "responders", "FILE", "--at", "W1", "--response")


def test_each_comparison_says_which_arms_it_is_of(run: Run) -> None:
    _, out, _ = run(arms(), *RESPONDERS, "fall>=50%", "--arms", "placebo,drug,third")
    for name in ("drug", "third"):
        assert out.count(f"{name} against placebo, risk difference") == 4
        assert out.count(f"Number needed to treat, {name} against placebo:") == 2


@pytest.mark.parametrize(
    ("definition", "value", "base"), [("fall>=7%", 93, 100), ("fall>=0.3", 0.9, 1.2), ("fall>=20%", 0.8, 1.0)]
)
def test_a_change_at_the_threshold_reaches_it_whatever_rounding_does(
    run: Run, definition: str, value: float, base: float
) -> None:
    table = arms(value=lambda i: value if i else base / 2, base=lambda i: base)
    _, out, _ = run(table, *RESPONDERS, definition, "--json")
    assert all(each["responders"] == each["people"] for _, each in json.loads(out)["counts"][0]["arms"])


def test_effect_sizes_that_have_no_unit_leave_the_counts_standing(run: Run) -> None:
    code, out, _ = run(arms(value=lambda i: 20, base=lambda i: 20 + i % 2), *RESPONDERS, "value<=20")
    assert code == 0
    code, out, _ = run(arms(base=lambda i: 30), *RESPONDERS, "fall>=50%")
    assert code == 0
    assert "no number for placebo: The values do not vary." in out
    assert "Hedges' g" in out


def test_a_whole_number_is_a_label_though_others_are_missing(run: Run) -> None:
    code, out, _ = run(arms(value=lambda i: i % 2 if i else ""), *RESPONDERS, "value=1", "--json")
    assert code == 0
    assert sum(each["responders"] for _, each in json.loads(out)["counts"][0]["arms"]) == 6


def test_json_says_null_for_infinity(run: Run) -> None:
    _, out, _ = run(arms(value=lambda i: 40), *RESPONDERS, "fall>=50%", "--json")
    assert "Infinity" not in out
    assert json.loads(out)["counts"][0]["needed"][0]["number"] is None


@pytest.mark.parametrize(
    ("rows", "words", "said"),
    [
        ("p0,W2,3,7,placebo\n", ("fall>=50%",), "p0 has two baselines"),
        ("", ("value=Nope",), "Nobody's value is Nope at W1"),
        ("", ("fall>=50%", "--arm", "USUBJID"), "One column is named for two things"),
        ("", ("value=10", "--reliability", "0.8"), "Labels have no reliable change"),
        ("", ("fall>=50%", "--arms", "placebo,drug,third,drug"), "A level is named twice"),
    ],
)
def test_responders_that_cannot_be_told_are_refused(run: Run, rows: str, words: tuple[str, ...], said: str) -> None:
    code, _, error = run(arms() + rows, *RESPONDERS, *words)
    assert (code, said in error) == (2, True), error


def people(
    count: int = 40, *, value: Callable[[int], object] | None = None, mediator: Callable[[int], object] | None = None
) -> str:
    rows = [
        f"p{i},{value(i) if value else NOISE[i, 0]},{('placebo', 'drug')[i % 2]},{NOISE[i, 1]},"
        f"{mediator(i) if mediator else round(NOISE[i, 0] * 0.5 + NOISE[(i * 7) % 40, 1], 3)},{'uvw'[i % 3]}"
        for i in range(count)
    ]
    return "USUBJID,AVAL,TRT01P,X,M,L\n" + "\n".join(rows) + "\n"


ARMS = ("--control", "placebo", "--treated", "drug")
MEDIATE = ("analyse", "mediate", "FILE", *ARMS, "--draws", "200")
MODERATE = ("analyse", "moderate", "FILE", *ARMS)


@pytest.mark.parametrize(
    ("table", "words", "said"),
    [
        (people(value=lambda i: 5), (*MODERATE, "--moderator", "X"), "do not vary beyond what the columns explain"),
        (people(value=lambda i: 5), (*MODERATE, "--moderator", "L"), "do not vary beyond what the columns explain"),
        (people(value=lambda i: i % 3 + i % 2), (*MODERATE, "--moderator", "L"), "do not vary beyond"),
        (people(), (*MODERATE, "--moderator", "X", "--moderator", "X"), "A moderator is named twice"),
        (people(), (*MODERATE, "--moderator", "X", "--covariate", "AVAL"), "One column is named for two things"),
        (people() + ",1,drug,1,1,u\n", (*MODERATE, "--moderator", "X"), "column USUBJID, line 42: It is empty"),
        (people(), (*MEDIATE, "--mediator", "M", "--mediator", "M"), "One column is named for two things"),
        (people(), (*MEDIATE, "--mediator", "AVAL"), "One column is named for two things"),
        (people(), (*MEDIATE, "--mediator", "M", "--seed", "-1"), "Invalid value for '--seed'"),
        (
            people(value=lambda i: 2 * i, mediator=lambda i: i),
            (*MEDIATE, "--mediator", "M"),
            "The value follows from the mediators and the arm without a rest",
        ),
        (people(value=lambda i: f"{i}e299"), (*MEDIATE, "--mediator", "M"), "too large to be squared"),
    ],
)
def test_what_explains_all_or_nothing_gives_no_p(run: Run, table: str, words: tuple[str, ...], said: str) -> None:
    code, out, error = run(table, *words)
    assert (code, out) == (2, "")
    assert said in error


def test_leaving_each_person_out_needs_no_square_of_all_people() -> None:
    """20,000 people: a matrix of everybody by everybody would hold 3.2 GB."""
    rng = np.random.default_rng(4)
    arm = np.arange(20_000) % 2
    mediator = arm + rng.normal(size=20_000)
    table = pd.DataFrame({"T": np.where(arm, "b", "a"), "M": mediator, "Y": mediator + rng.normal(size=20_000)})
    question = mediation.Question(
        value="Y", mediators=("M",), arm="T", control="a", treated="b", subject=None, draws=20
    )
    indirect = mediation.mediate(table, question).paths[2]
    assert indirect.estimate == pytest.approx(1.0, abs=0.05)
    assert indirect.se == pytest.approx(np.sqrt(4 / 20_000 + 1 / 20_000), rel=0.5)


def guesses(count: int = 40, *, guess: Callable[[int], object] = lambda i: ("placebo", "drug", "dk")[i * 7 % 3]) -> str:
    rows = [
        f"p{i},{NOISE[i, 0]},{guess(i)},{('placebo', 'drug')[i % 2]},{NOISE[i, 1]},{'uv'[i // 20]}"
        for i in range(count)
    ]
    return "USUBJID,AVAL,GUESS,TRT01P,X,L\n" + "\n".join(rows) + "\n"


BLINDING = ("analyse", "blinding", "FILE", "--unknown", "dk")


def test_guesses_that_are_all_alike_have_no_interval(run: Run) -> None:
    table = guesses(guess=lambda i: ("placebo", "drug")[i % 2])
    code, out, _ = run(table, *BLINDING, *ARMS)
    assert code == 0
    assert "1.0000 to 1.0000" not in out
    assert "that is no certainty, and no interval" in out
    _, out, _ = run(table, *BLINDING, *ARMS, "--json")
    told = json.loads(out)["counted"]
    assert told["james"]["lower"] is told["bang"][0]["upper"] is None


def test_a_covariate_of_labels_goes_into_every_model(run: Run) -> None:
    code, out, _ = run(guesses(), *BLINDING, *ARMS, "--value", "AVAL", "--covariate", "L")
    assert (code, "Had another share guessed right" in out) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ARMS, "--value", "AVAL", "--covariate", "X", "--covariate", "X"), "no solution"),
        (("--control", "drug", "--treated", "drug"), "drug is both arms"),
        ((*ARMS, "--unknown", "drug"), "drug is an arm and the label of who does not know"),
    ],
)
def test_blinding_that_cannot_be_told_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, error = run(guesses(), *BLINDING, *words)
    assert (code, out) == (2, "")
    assert said in error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--shape", "emax:nan", "--effect", "-1"), "A guess of emax:nan is no number"),
        (("--shape", "linear:3", "--effect", "-1"), "linear takes no parameter. Write it as linear"),
        (("--shape", "linear", "--effect", "nan"), "no candidate or no effect"),
        (("--shape", "linear", "--effect", "inf"), "no candidate or no effect"),
        (("--shape", "linear", "--effect", "-1", "--alpha", "0"), "One-sided alpha 0 cannot be"),
        (("--shape", "linear", "--effect", "-1", "--alpha", "nan"), "One-sided alpha nan cannot be"),
    ],
)
def test_a_dose_response_that_cannot_be_asked_for(run: Run, words: tuple[str, ...], said: str) -> None:
    rows = "".join(f"p{i},{(0, 1, 2, 4)[i % 4]},{NOISE[i, 0]}\n" for i in range(40))
    code, _, error = run("USUBJID,DOSE,AVAL\n" + rows, "analyse", "dose", "FILE", *words)
    assert (code, said in error) == (2, True), error
