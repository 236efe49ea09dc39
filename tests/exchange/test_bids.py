"""Names, tables and sidecars of BIDS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklepion.core.errors import BadInput, BadRow
from asklepion.exchange import bids
from asklepion.exchange.bids import Name, parse


@pytest.mark.parametrize(
    "file",
    [
        "sub-01_ses-a_task-rest_run-1_eeg.edf",
        "sub-01_task-rest_space-MNI152NLin2009cAsym_seg-4S456Parcels_stat-mean_timeseries.tsv",
        "sub-01_task-rest_recording-ecg_physio.tsv.gz",
        "task-rest_eeg.json",
    ],
)
def test_a_name_is_read_and_written_the_same(file):
    assert str(parse(file)) == file


@pytest.mark.parametrize("file", ["README.md", "eeg.edf", "sub-01_sub-02_eeg.edf", "sub_01_eeg.edf", "sub-01.html", ""])
def test_what_is_no_name(file):
    assert parse(file) is None


def test_entities_are_put_in_order_and_taken_away():
    name = parse("sub-01_recording-ecg_task-rest_physio.tsv.gz")
    changed = name.with_(desc="asklepion", recording="", ses="b", suffix="measures", extension=".tsv")
    assert str(changed) == "sub-01_ses-b_task-rest_desc-asklepion_measures.tsv"


@pytest.mark.parametrize("entities", [{"ses": "two words"}, {"ses": "../x"}, {"colour": "red"}])
def test_a_value_that_would_leave_the_folder_is_refused(entities):
    with pytest.raises(BadInput, match="no entity"):
        parse("sub-01_task-rest_eeg.edf").with_(**entities)


label = st.text("abcXYZ019", min_size=1, max_size=5)


@given(st.dictionaries(st.sampled_from(bids.ORDER), label, min_size=1), label)
def test_any_name_comes_back(entities, suffix):
    name = Name((), suffix, ".tsv").with_(**entities)
    assert parse(str(name)) == name


def test_inheritance_goes_from_the_least_specific_to_the_most():
    name = parse("sub-01_ses-a_task-rest_eeg.edf")
    files = ["sub-01_task-rest_eeg.json", "task-rest_eeg.json", "sub-02_task-rest_eeg.json", "task-rest_bold.json"]
    found = bids.inherited(name, [parse(each) for each in files])
    assert [str(each) for each in found] == ["task-rest_eeg.json", "sub-01_task-rest_eeg.json"]


def test_a_table_comes_back_without_loss():
    text = bids.table(("name", "value", "why"), [("a", 0.1 + 0.2, ""), ("b", None, "two\twords\n")])
    assert text.splitlines()[1:] == ["a\t0.30000000000000004\tn/a", "b\tn/a\ttwo words"]
    first, second = bids.rows(text, file="t.tsv")
    assert float(first["value"]) == 0.1 + 0.2
    assert second == {"name": "b", "value": "", "why": "two words"}


def test_a_crooked_row_names_its_line():
    with pytest.raises(BadRow, match=r"participants.tsv, line 3: It has 1 cells under 2 headings"):
        bids.rows("a\tb\n1\t2\n3\n", file="participants.tsv")


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_a_broken_sidecar_is_refused_with_its_name(text):
    with pytest.raises(BadInput, match=r"x\.json"):
        bids.metadata(text, file="x.json")


def test_a_sidecar_never_holds_what_json_has_no_number_for():
    with pytest.raises(ValueError):
        bids.written({"value": float("nan")})
