"""Figures: what each says in words, what its CSV twin holds, and what it refuses."""

import csv
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from asklepion.core.errors import BadInput
from asklepion.paper.consort import Arm, Flow, Stage, consort, consort_csv
from asklepion.paper.figure import About, number, ticks, wrapped
from asklepion.paper.forest import Effect, Scale, forest, forest_csv
from asklepion.paper.funnel import Funnel, Point, funnel, funnel_csv
from asklepion.paper.shares import Share, shares, shares_csv
from asklepion.paper.style import standalone
from asklepion.paper.survival import Curve, survival, survival_csv
from asklepion.paper.tables import Row, csv_of
from asklepion.paper.tipping import Tilt, tipping, tipping_csv
from asklepion.paper.trajectories import MeanAt, trajectories, trajectories_csv

SVG = "{http://www.w3.org/2000/svg}"
HASH = "0123456789abcdef" * 4
ABOUT = About(id="fig", title="A <figure> & more", unit="points", sources=(HASH,))

EFFECTS = (
    Effect(label="First & only", estimate=-0.77, lower=-1.23, upper=-0.31, weight=60.0, n=79),
    Effect(label="Second", estimate=-0.5, lower=-math.inf, upper=0.7, weight=40.0, n=18),
    Effect(label="Together", estimate=-0.71, lower=-0.95, upper=-0.47, pooled=True, prediction=(-1.06, -0.37)),
    Effect(label="Third", estimate=-1.5, lower=-2.0, upper=-1.0, excluded="Retracted 2024"),
    Effect(label="Fourth", estimate=None, absent="No effect on file"),
)
POINTS = tuple(Point(label=f"S{k}", effect=-0.1 * k, se=0.1 + 0.1 * k) for k in range(4))
BEHIND = Funnel(pooled=-0.2, contours=((0.1, 1.645), (0.05, 1.96)))
MEANS = tuple(
    MeanAt(arm=arm, visit=f"Week {week}", estimate=-slope * week, lower=-slope * week - 1, upper=1 - slope * week, n=40)
    for arm, slope in (("Placebo", 1.0), ("MDMA", 2.0))
    for week in (1, 4, 12)
)
CURVES = tuple(
    Curve(
        arm=arm,
        times=(10.0, 50.0),
        survival=(0.9, low),
        lower=(0.8, low - 0.1),
        upper=(1.0, low + 0.1),
        at_risk=((0.0, 40), (50.0, 21)),
        censored=(30.0, 60.0),
        end=60.0,
    )
    for arm, low in (("MDMA", 0.8), ("Placebo", 0.5))
)
FLOW = Flow(
    together=(
        Stage(title="Assessed", people=30, left=(("Declined", 4), ("Criteria", 6))),
        Stage(title="Randomised", people=20),
    ),
    arms=(
        Arm(
            name="MDMA",
            stages=(Stage(title="Allocated", people=10, left=(("Withdrew", 1),)), Stage(title="Seen", people=9)),
        ),
        Arm(name="Placebo", stages=(Stage(title="Allocated", people=10), Stage(title="Seen", people=10))),
    ),
)
SHARES = (
    Share(arm="MDMA", responders=45, people=52, share=45 / 52, lower=0.74, upper=0.94, unknown=1),
    Share(arm="Placebo", responders=0, people=42, share=0.0, lower=0.0, upper=0.08),
)
TILTS = tuple(Tilt(delta=d, estimate=-2.8 + d, lower=-4.0 + d, upper=-1.6 + d, p=0.01) for d in (0.0, 1.0, 2.0))


@dataclass(frozen=True)
class Drawn:
    """A figure as the battery sees it: how it is drawn, its CSV, and words that its description must hold."""

    draw: Callable[[About], Markup]
    table: Callable[[About], str]
    said: tuple[str, ...]


FIGURES = {
    "forest": Drawn(
        lambda a: forest(EFFECTS, a, scale=Scale(favours=("favours MDMA", "favours control"))),
        lambda a: forest_csv(EFFECTS, a),
        (
            "Together: −0.71 points, 95% interval −0.95 to −0.47, which does not hold 0",
            "Third does not count: Retracted",
        ),
    ),
    "funnel": Drawn(
        lambda a: funnel(POINTS, a, behind=BEHIND), lambda a: funnel_csv(POINTS, a), ("4 studies, 1 of them below",)
    ),
    "trajectories": Drawn(
        lambda a: trajectories(MEANS, a, zero=True),
        lambda a: trajectories_csv(MEANS, a),
        ("MDMA at Week 12: −24.00, −25.00 to −23.00, n 40", "95% interval"),
    ),
    "survival": Drawn(
        lambda a: survival(CURVES, a, event="relapse"),
        lambda a: survival_csv(CURVES, a),
        ("MDMA: 40 people, 0.80 without relapse at 60 days, 95% interval 0.70 to 0.90, 2 censored",),
    ),
    "consort": Drawn(lambda a: consort(FLOW, a), lambda a: consort_csv(FLOW, a), ("Randomised: 20 people", "Seen 9")),
    "shares": Drawn(
        lambda a: shares(SHARES, a), lambda a: shares_csv(SHARES, a), ("45 of 52 responded, 87 per cent", "1 not known")
    ),
    "tipping": Drawn(
        lambda a: tipping(TILTS, a, delta_unit="points", tips_at=1.6),
        lambda a: tipping_csv(TILTS, a, delta_unit="points"),
        ("reaches no effect at a delta of 1.60 (points)",),
    ),
}


def parsed(svg: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(standalone(svg).encode())


def words(root: ElementTree.Element) -> str:
    return " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("width", [640, 340])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_xml_that_says_its_finding_and_its_source(name: str, width: int) -> None:
    root = parsed(FIGURES[name].draw(replace(ABOUT, width=width)))
    assert root.find(f"{SVG}title").text == "A <figure> & more"  # type: ignore[union-attr]
    told = root.find(f"{SVG}desc").text or ""  # type: ignore[union-attr]
    for each in FIGURES[name].said:
        assert each in told
    assert f"Input SHA-256 {HASH}." in told
    assert HASH[:16] in words(root)


@pytest.mark.parametrize("width", [640, 340])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_stays_inside_its_frame(name: str, width: int) -> None:
    """No coordinate is no number; nothing lies outside the width; text ends above the lower edge."""
    svg = FIGURES[name].draw(replace(ABOUT, width=width))
    assert not re.search(r'="[^"]*\b(nan|inf)\b', svg)
    root = parsed(svg)
    _, _, _, height = (float(each) for each in (root.get("viewBox") or "").split())
    for each in root.iter():
        for key in ("x", "cx"):
            if each.tag != f"{SVG}rect" and (at := each.get(key)) is not None:
                assert -0.1 <= float(at) <= width + 0.1, (each.tag, each.attrib)
        if each.tag == f"{SVG}text":
            assert float(each.get("y") or 0) <= height, each.attrib


@pytest.mark.parametrize("name", FIGURES)
def test_the_twin_of_a_figure_holds_source_and_count(name: str) -> None:
    told = FIGURES[name].table(ABOUT)
    assert told.count("\r\n") == told.count("\n") > 1
    for row in rows(told):
        assert row["source_sha256"] == HASH
        assert "n" in row
        assert name == "consort" or {"estimate", "lower", "upper", "unit"} <= set(row)


def test_csv_keeps_numbers_as_they_are_and_quotes_what_must_be() -> None:
    (row,) = rows(csv_of([Row(label='a, "b"\nc', estimate=0.1 + 0.2, lower=-math.inf, upper=math.nan)]))
    assert (row["label"], row["estimate"], row["lower"], row["upper"]) == (
        'a, "b"\nc',
        "0.30000000000000004",
        "-Inf",
        "",
    )


def test_what_does_not_count_stands_struck_with_its_reason_and_without_a_mark() -> None:
    root = parsed(forest(EFFECTS, ABOUT))
    struck = [each for each in root.iter(f"{SVG}text") if "gone" in (each.get("class") or "")]
    assert len(struck) == 2
    assert "Retracted 2024, not counted" in words(root)
    assert "No effect on file" in words(root)
    squares = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "af"]
    assert len(squares) == 2
    assert [each.get("fill") for each in root.iter(f"{SVG}rect") if each.get("fill")] == ["url(#fig-gone)"]
    assert [each.get("id") for each in root.iter(f"{SVG}pattern")] == ["fig-gone"]


def test_a_square_is_as_large_as_its_weight_and_ratios_lie_by_their_logarithms() -> None:
    effects = (
        Effect(label="A", estimate=0.5, lower=0.25, upper=1.0, weight=75.0),
        Effect(label="B", estimate=2.0, lower=1.0, upper=4.0, weight=25.0),
    )
    root = parsed(forest(effects, ABOUT, scale=Scale(none=1.0, ratio=True)))
    first, second = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "af"]
    assert float(first.get("width") or 0) > float(second.get("width") or 0)
    (zero,) = [each for each in root.iter(f"{SVG}path") if each.get("class") == "now"]
    middle = float(re.findall(r"M([\d.]+)", zero.get("d") or "")[0])
    centres = [float(each.get("x") or 0) + float(each.get("width") or 0) / 2 for each in (first, second)]
    assert middle - centres[0] == pytest.approx(centres[1] - middle, abs=0.2)


def test_a_missing_mean_is_a_gap_and_never_a_bridge() -> None:
    means = [replace(each, estimate=None) if (each.arm, each.visit) == ("MDMA", "Week 4") else each for each in MEANS]
    root = parsed(trajectories(means, ABOUT))
    lines = {each.get("class"): each.get("d") or "" for each in root.iter(f"{SVG}path")}
    assert lines["ln a"].count("M") == 1
    assert lines["ln b dash"].count("M") == 2


def test_series_differ_by_dash_and_shape_and_not_by_colour_alone() -> None:
    root = parsed(trajectories(MEANS, ABOUT))
    looks = {each.get("class") for each in root.iter(f"{SVG}path")}
    assert {"ln a", "ln b dash"} <= looks
    assert {each.tag for each in root.iter() if each.get("class") == "af"} == {f"{SVG}circle"}
    assert {each.tag for each in root.iter() if each.get("class") == "bf"} == {f"{SVG}rect"}


def broken(**changes: Any) -> Callable[[], Flow]:
    return lambda: replace(FLOW, **changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            broken(together=(Stage(title="Assessed", people=30), Stage(title="Randomised", people=20))),
            "Assessed lets 30 people through, and Randomised has 20",
        ),
        (broken(together=(Stage(title="Randomised", people=21),)), "begin with 20 people, and 21 come out"),
        (
            broken(arms=(Arm(name="A", stages=(Stage(title="Allocated", people=20, left=(("Lost", 21),)),)),)),
            "21 of 20 people left",
        ),
        (broken(arms=(Arm(name="A", stages=()),)), "arms with stages"),
    ],
)
def test_a_flow_that_does_not_add_up_is_refused(make: Callable[[], Flow], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make()


def test_numbers_and_ticks() -> None:
    assert [number(value) for value in (-0.001, 1.005, math.nan, -math.inf)] == ["0.00", "1.00", "none", "−infinite"]
    assert ticks(-2.1, 0.7) == [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5]
    assert ticks(3.0, 3.0) == []
    assert wrapped("one two", 5) == ["one", "two"]
