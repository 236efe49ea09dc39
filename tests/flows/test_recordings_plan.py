"""The plan of a cohort: every fault at once, with its line, and what changes a number."""

import pytest

from asklepion.core.errors import BadInput, ManyFaults
from asklepion.flows.recordings import plan
from asklepion.flows.recordings.plan import Modality


@pytest.fixture
def written(tmp_path):
    (tmp_path / "labels.tsv").write_text("name\tnetwork\na\tdmn\n")

    def write(text):
        file = tmp_path / "plan.yaml"
        file.write_text(text)
        return file

    return write


def test_every_fault_is_told_at_once_with_line_and_path(written):
    bold = "bold:\n  labels: labels.tsv\n  seeds: many\n  sedes: 3\n"
    text = f"name: x\n{bold}heart:\n  method: burg\ngroups: {{}}\nextra: 1\n"
    with pytest.raises(ManyFaults) as caught:
        plan.read(written(text))
    told = [str(fault) for fault in caught.value.faults]
    assert len(told) == 5
    assert any("line 4, bold.seeds: A whole number is wanted, not `many`" in each for each in told)
    assert any(
        "bold.sedes: There is no field `sedes` here." in each and "seeds" in each.split("There are:")[1]
        for each in told
    )
    assert any("heart.method: `burg` is not taken here. Use one of: lomb, welch." in each for each in told)
    assert any("groups.column: `column` is missing." in each for each in told)
    assert any("extra: There is no field `extra` here." in each and "eeg" in each for each in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: x\n", "names no modality"),
        ("name: x\nheart: {}\ncompare: {by: group, levels: [a, b]}\n", "Groups are compared and none are named"),
        ("name: x\nheart: {}\ncompare: {by: ses, levels: [a, a]}\n", "compared with itself"),
        ("name: x\nbold: {labels: none.tsv}\n", "There is no file none.tsv beside the plan"),
        ("name: x\neeg: {settings: {measures: [lz]}}\n", "eeg.settings.measures: There is no measure lz. Known:"),
        ("name: x\neeg: {settings: {epoch_s: 0.0}}\n", "line 2, eeg.settings.epoch_s: 0 is not above zero"),
        (
            "name: x\neeg: {settings: {epochs: 2.0}}\n",
            "eeg.settings.epochs: There is no field `epochs` here. There are:",
        ),
        ("name: x\nheart: {window_s: 0.0}\n", "heart.window_s"),
        ("name: [\n", "This is not YAML"),
        ("", "The file is empty"),
        ("name: x\nname: y\nheart: {}\n", "stands here twice"),
    ],
)
def test_what_does_not_hold_together(written, text, told):
    with pytest.raises(BadInput) as caught:
        plan.read(written(text))
    assert told in str(caught.value)


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="The plan cannot be read"):
        plan.read(tmp_path / "none.yaml")


def test_what_is_only_drawn_changes_no_number(written):
    one = plan.read(written("name: x\nheart: {window_s: 60.0}\n"))
    other = plan.read(written("name: y\nheart: {window_s: 60.0, shown: [rmssd], only: {task: [rest]}}\n"))
    third = plan.read(written("name: x\nheart: {window_s: 61.0}\n"))
    assert plan.computed(one.heart) == plan.computed(other.heart) != plan.computed(third.heart)
    assert one.modalities == (Modality.HEART,)
