"""Every shipped biomarker passes one battery; what the facts say of a few is held as it was researched."""

import pytest

from asklepion.flows.facts import facts
from asklepion.knowledge.load import PACKAGED
from asklepion.knowledge.types import Confidence
from asklepion.signals.lab.concentration import CORTISOL_NMOL_L, Matrix

NAMED = (
    "bdnf", "cortical-thickness", "cortisol", "crp", "hippocampal-volume", "il-6", "sleep-efficiency", "tnf-alpha",
)  # fmt: skip


def test_every_file_is_in_the_battery():
    assert tuple(sorted(facts().biomarkers)) == NAMED
    assert {path.stem for path in (PACKAGED / "biomarkers").glob("*.yaml")} == set(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_a_marker_says_what_it_is_good_for(name):
    marker = facts().biomarkers[name]
    topics = {each.topic for each in marker.statements}
    assert topics & {"efficacy", "norm"}
    assert all(Matrix(each) for each in marker.matrices)
    assert all(each.system == "LOINC" and each.basis.confidence is Confidence.RECALLED for each in marker.codes)


def test_variation_as_researched():
    """Section 2 of the researched facts: CRP 42% [O Macy 1997], IL-6 26-31% [O], TNF-a 11-20% [O]; BDNF not found."""
    known = facts().biomarkers
    told = {name: [(each.low_percent, each.high_percent) for each in known[name].within_person] for name in NAMED}
    assert {name: each for name, each in told.items() if each} == {
        "crp": [(42, 42)], "il-6": [(26, 31)], "tnf-alpha": [(11, 20)],
    }  # fmt: skip
    crp = known["crp"]
    assert crp.within_person[0].basis.sources[0].key == "macy1997"
    assert (crp.change_limits[0].percent, crp.flags[0].above) == (118, 10)
    assert crp.flags[0].basis.confidence is Confidence.RECALLED
    assert known["hippocampal-volume"].change_limits[0].basis.confidence is Confidence.RECALLED
    assert known["bdnf"].statements[0].statement.startswith("Do not use")


def test_cortisol_has_one_set_of_units():
    marker = facts().biomarkers["cortisol"]
    assert {marker.unit: 1.0, **{each.unit: each.factor for each in marker.other_units}} == CORTISOL_NMOL_L
