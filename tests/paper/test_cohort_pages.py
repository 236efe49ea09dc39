"""Reports of a cohort in a browser: nothing fetched, no script, no fault of accessibility, no sideways scroll."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from markupsafe import Markup

from asklepion.paper import cohort, person
from asklepion.paper.cohort import Cohort, Column, Contrast, Distribution, Part
from asklepion.paper.page import p_said, said
from asklepion.paper.person import Figure, Missing, Person, Reading, Sheet
from asklepion.stats.change import paired
from asklepion.stats.means import mean

LEFT = (Missing("sub-01/eeg/<b>sub-01</b>_eeg.edf", "It breaks off.", "Copy it anew."),)
BEFORE, AFTER = [1.0, 2.0, 4.0, 3.0], [2.0, 2.5, 4.5, 5.0]
DRAWING = '<svg viewBox="0 0 10 10" role="img" aria-labelledby="{0}"><title id="{0}">A square</title></svg>'


def distribution(*, columns=2):
    """A measure of four people on some occasions, each a little higher than the one before."""
    those = []
    for place in range(columns):
        values = [value + place for value in BEFORE]
        points = tuple((f"{number:02d}", value) for number, value in enumerate(values, 1))
        lines = (f"session {place + 1}", "run 1")
        those.append(Column(lines, 0, points, mean(values), ("05",), joined=place > 0))
    compared = paired([[each] for each in AFTER], [[each] for each in BEFORE], names=["x"])[0]
    return Distribution(
        id="m-0",
        title="distance_from_baseline_rms_z_without_global_signal",
        unit="ms",
        definition="What it is.",
        reference="Somebody. 2012.",
        columns=tuple(those),
        contrasts=(Contrast("Change from baseline: session 2", compared),),
    )


def group(*, columns=2):
    shown = distribution(columns=columns)
    blocks = (("Change from baseline", (("a_measure", shown.contrasts[0].told),)),)
    part = Part(
        id="heart",
        heading="Heart",
        lede="8 recordings.",
        table="desc-heart_measures.tsv",
        shown=(shown,),
        blocks=blocks,
    )
    return cohort.html(
        Cohort(
            study="A study", lede="4 people", parts=(part,), left=LEFT, people=("sub-01",), version="0", notes=("n",)
        )
    )


def one(*, left=LEFT):
    figure = Figure("A square", Markup(DRAWING.format("d")), Markup(DRAWING.format("p")))
    sheet = Sheet(
        id="heart-0",
        heading="Session 1",
        file="sub-01/beh/sub-01_physio.tsv.gz",
        table="sub-01/beh/sub-01_desc-asklepion_measures.tsv",
        headings=("Value", "Change"),
        readings=(
            Reading("rmssd", "", ("41.2", "+1.20"), "ms", 300),
            Reading("x", "", ("none", "none"), "1", 3, "Short."),
        ),
        parts=(Reading("rmssd", "0 to 300 s", ("40.0", "none"), "ms", 299),),
        more=2,
        figures=(figure,),
        words=("300 intervals",),
        baseline="sub-01/ses-0",
    )
    parts = (person.Part("heart", "Heart", (sheet,)),)
    return person.html(Person(person="01", study="A study", lede="1.", parts=parts, left=left, version="0"))


@pytest.mark.parametrize("page", [group, one], ids=["group", "person"])
@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_in_a_browser(chromium, tmp_path, page, width, scheme):
    file = tmp_path / "report.html"
    file.write_text(page())
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    results = Axe().run(opened)
    assert results.violations_count == 0, results.generate_report()
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert [each for each in asked if not each.startswith(("file:", "data:"))] == []
    assert opened.evaluate("getComputedStyle(document.body).fontFamily").startswith('"Atkinson')
    assert opened.evaluate("document.fonts.check('16px \"Atkinson Hyperlegible Next\"')")
    ink = opened.evaluate("getComputedStyle(document.documentElement).color")
    assert ink == ("rgb(24, 37, 43)" if scheme == "light" else "rgb(234, 223, 203)")
    context.close()


def test_a_report_is_one_file_without_script():
    for text in (group(), one()):
        assert "<script" not in text
        assert "javascript:" not in text
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
        assert not re.search(r"url\((?!data:)", text)
        assert '<html lang="en">' in text
        assert len(re.findall(r'\bid="([^"]+)"', text)) == len(set(re.findall(r'\bid="([^"]+)"', text)))


def test_what_others_wrote_is_escaped():
    assert "<b>sub-01</b>" not in one()
    assert "&lt;b&gt;sub-01&lt;/b&gt;" in one()


def test_nothing_left_out_is_not_told():
    assert "What gave nothing" in one()
    assert "What gave nothing" not in one(left=())


def test_the_drawing_joins_people_and_tells_n():
    drawn = str(cohort.drawn(distribution(), width=520, id="x"))
    assert drawn.count('class="per"') == 4
    assert drawn.count(">n 4<") == 2
    assert "session 1, run 1: n 4, mean 2.5" in drawn


def test_many_columns_are_lettered_and_the_key_is_told():
    many = distribution(columns=12)
    assert ">L<" in str(cohort.drawn(many, width=320, id="x"))
    assert "L: session 12, run 1" in many.caption
    assert "On a phone" not in distribution(columns=1).caption


def test_a_measure_that_nobody_has_is_not_drawn():
    empty = Distribution(
        id="m",
        title="m",
        unit="",
        definition="",
        reference="",
        contrasts=(),
        columns=(Column(("a",), 0, (), None, ("01",)),),
    )
    assert str(cohort.drawn(empty, width=520, id="x")) == ""


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0, "0"), (999.6, "1000"), (1e12, "1e+12"), (1e-9, "1e−09"), (0.00012345, "0.000123"), (-2.0, "−2.00")],
)
def test_numbers_as_they_are_printed(value, told):
    assert said(value) == told


@pytest.mark.parametrize(("p", "told"), [(0.0009, "below .001"), (0.001, ".001"), (0.9994, ".999"), (1.0, "1")])
def test_p_as_it_is_printed(p, told):
    assert p_said(p) == told
