"""A typed name finds its medicine exactly, or nothing; what is near is only suggested."""

from collections.abc import Mapping
from datetime import date

import pytest

from asklepion.core.medicines import match, normalised, suggest
from asklepion.knowledge.types import Basis, Confidence, Drug, Tier

BASIS = Basis(Confidence.RECALLED, date(2026, 11, 23))


def drug(id: str, *names: str) -> Drug:
    return Drug("drug", id, id.capitalize(), Tier.DRAFT, BASIS, names=names)


@pytest.fixture
def drugs() -> Mapping[str, Drug]:
    return {
        drug.id: drug
        for drug in (
            drug("sertraline", "zoloft", "lustral"),
            drug("haloperidol", "haldol"),
            drug("lithium", "priadel"),
            drug("st-johns-wort", "st john's wort", "hypericum"),
            drug("5-htp", "5-hydroxytryptophan"),
            drug("one", "shared name"),
            drug("two", "shared name"),
        )
    }


@pytest.mark.parametrize(
    ("typed", "id"),
    [
        ("sertraline", "sertraline"),
        ("  SERTRALINE ", "sertraline"),
        ("Zoloft", "sertraline"),
        ("Sertraline hydrochloride 100 mg tablets, once daily", "sertraline"),
        ("sertraline HCl 0.5mg", "sertraline"),
        ("sertralíne 50 µg", "sertraline"),
        ("Priadel", "lithium"),
        ("lithium carbonate 400mg at night", "lithium"),
        ("St. John’s Wort", "st-johns-wort"),
        ("5-HTP 100 mg", "5-htp"),
    ],
)
def test_a_name_or_brand_is_found_whatever_its_case_dose_or_salt(
    drugs: Mapping[str, Drug], typed: str, id: str
) -> None:
    found = match(drugs, typed)
    assert found is not None
    assert found.id == id


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "100 mg",
        "sertralin",
        "tianeptine",
        "haloperidol decanoate",
        "haloperidol decanoate 100 mg",
        "no sertraline",
        "sertraline and lithium",
        "sertraline, stopped in May",
        "shared name",
    ],
)
def test_what_is_only_nearly_right_or_doubtful_is_no_medicine(drugs: Mapping[str, Drug], typed: str) -> None:
    assert match(drugs, typed) is None


def test_a_slip_is_suggested_nearest_first(drugs: Mapping[str, Drug]) -> None:
    assert [drug.id for drug in suggest(drugs, "sertralin 100 mg")] == ["sertraline"]
    assert [drug.id for drug in suggest(drugs, "zolof")] == ["sertraline"]
    assert suggest(drugs, "haloperidol decanoate")[0].id == "haloperidol"


def test_the_beginning_of_a_name_is_suggested_and_the_limit_holds(drugs: Mapping[str, Drug]) -> None:
    assert [drug.id for drug in suggest(drugs, "sh")] == ["one", "two"]
    assert [drug.id for drug in suggest(drugs, "sh", limit=1)] == ["one"]


@pytest.mark.parametrize("typed", ["", "q", "tianeptine"])
def test_nothing_near_suggests_nothing(drugs: Mapping[str, Drug], typed: str) -> None:
    assert suggest(drugs, typed) == ()


def test_names_are_compared_without_accents_or_punctuation() -> None:
    assert normalised("  Efexor-XR® ") == "efexor xr"
