"""Power by simulation: right where theory tells it, the same wherever it runs, taken up again; plans that are none."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import stats

from asklepion.cli import main
from asklepion.core.errors import ManyFaults
from asklepion.flows.power import power, read
from asklepion.stats.design.assumed import plan as assume
from asklepion.stats.design.power import Guessing, Sites, Trial, joined, powers, tally, without_effect

PLAN = {
    "title": "A trial",
    "people": {"placebo": 20, "drug": 20},
    "visits": ["Week 4", "Week 8"],
    "baseline": {"mean": 45, "sd": 7},
    "means": {"placebo": [40, 38], "drug": [38, 33]},
    "sd": [8, 9],
    "correlation": 0.5,
    "trials": 1000,
    "seed": 3,
}


def file(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump({**PLAN, **changes}, sort_keys=False), "utf-8")
    return path


def trial(**changes: object) -> Trial:
    """40 people an arm at one visit: SD 10, correlation .6 with baseline, a difference of 5."""
    assumption = assume(
        people=[40, 40], baseline=(50, 10), means=[[50], [45]], sd=[10], correlation=0.6, pattern="cs", dropout=None
    )
    return replace(Trial(plan=assumption, at=0), **changes)


def test_power_is_that_of_the_analysis_of_covariance() -> None:
    """Noncentral t of a difference of 5 with residual SD 10 sqrt(1 - .36) = 8, 40 an arm, 77 df: .790."""
    whole = tally(trial(), seed=1, first=0, count=4000)
    (told,) = powers(trial(), whole)
    place = 5 / (8 * np.sqrt(2 / 40))
    limit = stats.t.isf(0.025, 77)
    theory = stats.nct.sf(limit, 77, place) + stats.nct.cdf(-limit, 77, place)
    assert told.power == pytest.approx(theory, abs=0.02)
    assert told.lower < theory < told.upper
    assert told.mean == pytest.approx(-5, abs=0.1)
    assert told.sd == pytest.approx(told.mean_se, rel=0.04)


def test_arms_that_do_nothing_are_rejected_in_one_of_twenty() -> None:
    null = without_effect(trial())
    (told,) = powers(null, tally(null, seed=8, first=0, count=4000))
    assert 0.04 < told.power < 0.06  # the standard error of a share of .05 in 4,000 is .0034
    assert told.truth == 0


def test_people_who_can_tell_make_an_arm_that_does_nothing_look_as_if_it_worked() -> None:
    null = without_effect(trial(guessing=Guessing((0.1, 0.9), (-5.0,))))
    (told,) = powers(null, tally(null, seed=3, first=0, count=1500))
    assert told.truth == pytest.approx(-4.0)
    assert told.mean == pytest.approx(-4.0, abs=0.15)
    assert told.power > 0.4


def test_a_site_moves_all_its_people_and_the_baseline_takes_it_up() -> None:
    with_sites = trial(sites=Sites(4, 6.0))
    (told,) = powers(with_sites, tally(with_sites, seed=4, first=0, count=1500))
    assert told.mean == pytest.approx(-5, abs=0.2)
    assert told.lower > 0.6


def test_pieces_of_any_size_add_up_to_the_same() -> None:
    guessed = trial(guessing=Guessing((0.2, 0.8), (-3.0,)), sites=Sites(3, 2.0))
    whole = tally(guessed, seed=5, first=0, count=60)
    parts = [tally(guessed, seed=5, first=first, count=20) for first in (40, 0, 20)]
    together = joined(parts)
    assert (together.trials, together.fitted, together.rejected) == (whole.trials, whole.fitted, whole.rejected)
    assert together.estimates == pytest.approx(whole.estimates, rel=1e-12)
    assert joined(parts) == joined(parts[::-1])


def test_the_same_answer_on_two_workers_and_after_a_stop(tmp_path: Path) -> None:
    path, out = file(tmp_path, dropout={"placebo": [0.1, 0.1], "drug": [0.0, 0.2]}), tmp_path / "done"
    here = power(path)
    assert power(path, workers=2) == here
    assert power(path, out=out) == here
    kept = sorted(out.glob("*.json"))
    assert len(kept) == 4
    kept[1].unlink()
    kept[2].write_text('{"of": {', "utf-8")
    seen: list[tuple[int, int]] = []
    assert power(path, out=out, progress=lambda done, of: seen.append((done, of))) == here
    assert seen[0] == (2, 4)
    other = file(tmp_path, seed=4)
    assert power(other, out=out) == power(other) != here


def test_every_fault_of_a_plan_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ManyFaults) as caught:
        read(
            file(tmp_path, sd=[8], means={"placebo": [40, 38], "sham": [1, 2]}, at="Week 9", dropout={"placebo": [0.1]})
        )
    told = str(caught.value)
    assert "5 faults in the plan." in told
    for words in ("1 values are given for 2 visits", "Its arms are not those of `people`", "There is no visit Week 9"):
        assert words in told
    with pytest.raises(ManyFaults, match=r"There is no field `pepole` here\. There are: title, people, visits"):
        read(file(tmp_path, pepole={}))
    with pytest.raises(ManyFaults, match="Nothing was simulated"):
        read(file(tmp_path, correlation=1.5))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 2**64}, "seed: "),
        ({"people": {"placebo": 10**11, "drug": 20}}, "people.placebo: "),
        ({"visits": ["Week 1", "Week 1"]}, "There is no visit, or one is named twice"),
        ({"dropout": {"placebo": [0, 1], "drug": [0, 0]}}, "dropout.placebo: A chance of 1 leaves nobody"),
    ],
)
def test_a_plan_that_no_trial_can_be_drawn_from_is_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    with pytest.raises(ManyFaults) as caught:
        read(file(tmp_path, **change))
    assert words in str(caught.value)


def test_a_piece_that_is_none_is_drawn_anew(tmp_path: Path) -> None:
    path, out = file(tmp_path), tmp_path / "kept"
    here = power(path, out=out)
    first, second, *_ = sorted(out.glob("*.json"))
    first.write_text("[]", "utf-8")
    of = json.loads(second.read_text("utf-8"))["of"]
    second.write_text(json.dumps({"of": of, "tally": {"trials": 3}}), "utf-8")
    assert power(path, out=out) == here


def test_the_command_tells_power_and_what_nothing_would_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, trials=200, guess={"thinks": {"placebo": 0.1, "drug": 0.9}, "shift": [-3, -4]})
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "power", str(path)])
    with pytest.raises(SystemExit) as caught:
        main()
    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert "drug - placebo, arms that do nothing" in out
    monkeypatch.setattr("sys.argv", ["asklepion", "analyse", "power", str(path), "--json"])
    with pytest.raises(SystemExit):
        main()
    told = json.loads(capsys.readouterr().out)
    assert told["powers"][0]["truth"] == pytest.approx(-5 - 4 * 0.8)
