"""A drawing as a file of its own."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.paper.style import TOKENS, rules, standalone
from asklepion.paper.svg import picture, tag, text

STATIC = Path(__file__).parents[2] / "src/asklepion/web/static/asklepion"
SVG = "{http://www.w3.org/2000/svg}"


def drawing(words: str = "Week 4") -> Markup:
    parts = [tag("path", class_="ln a", d="M0 0H10"), text(1, 2, words, look="ti")]
    return picture(200, 100, parts, title="A & B", description="It fell.", id="x")


def test_a_file_of_its_own_is_xml_with_namespace_size_title_first_style_and_ground() -> None:
    root = ElementTree.fromstring(standalone(drawing(), width_px=448).encode())
    assert (root.tag, root.get("width"), root.get("height")) == (f"{SVG}svg", "448", "248")
    assert [each.tag.removeprefix(SVG) for each in root][:4] == ["title", "desc", "style", "rect"]
    assert root[0].text == "A & B"


def test_what_is_fetched_or_needs_a_page_does_not_stand_in_it() -> None:
    whole = standalone(drawing())
    assert "@import" not in whole
    assert "var(" not in whole
    assert re.findall(r"https?://[^\"]+", whole) == ["http://www.w3.org/2000/svg"]


def test_a_character_that_xml_cannot_hold_is_replaced() -> None:
    root = ElementTree.fromstring(standalone(drawing("Week\x0b4")).encode())
    assert root.findall(f"{SVG}text")[0].text == "Week�4"


def test_tokens_are_those_of_the_pages_by_day() -> None:
    day = (STATIC / "tokens.css").read_text("utf-8").split("\n[data-theme=dim]")[0]
    found = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", day))
    assert {name: value for name, value in TOKENS.items() if name != "sheet"} == {
        name: found[name] for name in TOKENS if name != "sheet"
    }


def test_classes_that_both_know_say_the_same() -> None:
    """A drawing looks the same in a page and as a file: series, dashes and areas are compared rule by rule."""
    sheet = (STATIC / "asklepion.css").read_text("utf-8")
    sheet = re.sub(r"var\(--([\w-]+)\)", lambda found: TOKENS.get(found[1], found[0]), sheet)
    page = dict(re.findall(r"(?<![\w-])\.([\w-]+)\{([^}]*)\}", sheet))
    ours = dict(re.findall(r"\.([\w-]+)\{([^}]*)\}", rules()))
    for name in ("ax", "gr", "ln", "a", "b", "c", "dash", "dot", "af", "cf", "band", "lim", "inks", "thick"):
        assert set(ours[name].split(";")) == set(page[name].rstrip(";").split(";")), name


def test_rules_stand_under_a_scope() -> None:
    assert "svg .ln{" in rules("svg")
    assert re.findall(r"(?:^|\})\.", rules("svg")) == []


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(BadInput, match="no drawing"):
        standalone(Markup("<p>nothing</p>"))
