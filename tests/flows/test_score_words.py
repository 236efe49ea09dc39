"""What the caseload and the ledger say of scores."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from asklepion.core import scoring
from asklepion.core.chart import Recorded
from asklepion.core.entries import AnswersGiven
from asklepion.flows.describe import describe
from asklepion.flows.facts import facts
from asklepion.flows.projection import change_words


@pytest.mark.parametrize(
    ("scale", "first", "last", "words"),
    [
        ("pcl-5", 56, 41, "Reliable change, −15"),
        ("pcl-5", 56, 42, "Within noise, −14"),
        ("pcl-5", 41, 56, "Reliable change for the worse, +15"),
        ("pcl-5", 41, 41, "Within noise, 0"),
        ("phq-9", 15, 10, "More than the smallest important change, −5"),
        ("phq-9", 15, 11, "Less than the smallest important change, −4"),
        ("sds", 6, 2.6666666667, "Change −3.333, no band on file"),
        ("c-ssrs", 1, 0, "Change −1, no band on file"),
    ],
)
def test_a_change_is_told_by_the_band_of_its_scale(scale: str, first: float, last: float, words: str) -> None:
    assert change_words(facts().scales[scale], first, last) == words


def line(entry: AnswersGiven) -> str:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    recorded = Recorded("e1", "c", 1, entry, at, at.date(), at, "", "", "", "open", "", "", 0, "", "")
    return describe(recorded, facts())


def test_the_ledger_says_which_number_was_reported() -> None:
    scale = facts().scales["hamd-17"]
    reported = scoring.reported(scale, {"total": 21}, origin="trial.csv, line 2")
    assert line(reported) == "HAM-D17, no answers, trial.csv, line 2, Total 21 as reported"
    assert line(replace(reported, origin="")) == "HAM-D17, no answers, Total 21 as reported"
    ours = line(scoring.entry(scale, {"1": 4}))
    assert ours.startswith(
        "HAM-D17, 1 of 17 answers, Total no score, 16 of 17 items are blank: 2, 3, 4, 5, 6 and 11 more"
    )
    assert "reported" not in ours
