"""A drawing as a file of its own: the tokens of the light scheme as literal values, fonts by name, nothing fetched."""

import re

from markupsafe import Markup

from asklepion.core.errors import BadInput

TOKENS = {
    "sheet": "#ffffff",
    "well": "#e9ebe5",
    "ink": "#18252b",
    "ink-2": "#4a585e",
    "hair": "#d5d9d2",
    "edge": "#77858a",
    "night": "#2d2a58",
    "night-wash": "#e6e5f0",
    "on-night": "#ffffff",
    "good": "#1f5f3f",
    "bad": "#8f2416",
    "due-edge": "#a86c00",
    "open": "#46505a",
    "s1": "#0d5667",
    "s2": "#9a4a12",
    "s3": "#2d2a58",
}
"""The tokens of the style sheet by day. The sheet is white, for it is paper."""

SANS = '"Atkinson Hyperlegible Next","Helvetica Neue",Arial,"Liberation Sans","Libertinus Serif",sans-serif'
SERIF = 'Literata,Georgia,"Libertinus Serif",serif'

# Literal values and long-hand properties: drawing programs and typst know neither var() nor the font shorthand.
_RULES = """
text{{font-family:{sans};font-size:13px;font-weight:500;fill:{ink-2};font-variant-numeric:tabular-nums;
paint-order:stroke;stroke:{sheet};stroke-width:3px;stroke-linejoin:round}}
.ti{{fill:{ink};font-weight:700}}.tb{{fill:{bad};font-weight:700}}.tn{{fill:{on-night};stroke:none;font-weight:700}}
.hd{{font-family:{serif};font-size:17px;font-weight:600;fill:{ink}}}
.gone{{text-decoration:line-through;stroke:none}}.dim-text{{fill:{ink-2}}}
.ax{{stroke:{edge};stroke-width:1;fill:none}}.gr{{stroke:{hair};stroke-width:1;fill:none}}
.now{{stroke:{ink};stroke-width:1.5;fill:none}}.nowf{{fill:{ink}}}
.ln{{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}}
.a{{stroke:{s1}}}.b{{stroke:{s2}}}.c{{stroke:{s3}}}.thin{{stroke-width:1.25}}.thick{{stroke-width:3.5}}
.dash{{stroke-dasharray:6 4}}.dot{{stroke-dasharray:1 5}}
.af{{fill:{s1}}}.bf{{fill:{s2}}}.cf{{fill:{s3}}}.wash{{fill-opacity:.14;stroke:none}}
.hol{{fill:{sheet};stroke-width:2.25}}
.nightf{{fill:{night}}}.nightw{{fill:{night-wash}}}.nights{{fill:{sheet};stroke:{night};stroke-width:2.25}}
.band{{fill:{well}}}.lim{{stroke:{bad};stroke-width:1.5;stroke-dasharray:8 3;fill:none}}
.inkf{{fill:{ink}}}.inks{{stroke:{ink};fill:none;stroke-width:2}}.sheetf{{fill:{sheet}}}
.badf{{fill:{bad}}}.duef{{fill:{due-edge}}}.edgef{{fill:{edge}}}.pix{{image-rendering:pixelated}}
"""
MARGIN = 12
"""The white around a drawing in a file of its own, in its units."""
_RULE = re.compile(r"([^{}]+)(\{[^{}]*\})")
_OPENING = re.compile(r'<svg\b[^>]*?\bviewBox="([-\d.]+) ([-\d.]+) ([\d.]+) ([\d.]+)"[^>]*>')
_TOLD = re.compile(r"(?:<title\b[^>]*>.*?</title>)?(?:<desc\b[^>]*>.*?</desc>)?", re.DOTALL)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rules(scope: str = "") -> str:
    """Return the style rules of drawings as text; every selector stands under `scope`, as in `svg`, if one is given."""
    told = _RULES.format(sans=SANS, serif=SERIF, **TOKENS).replace("\n", "")
    return _RULE.sub(lambda found: f"{scope} {found[1]}{found[2]}", told) if scope else told


def standalone(svg: Markup, *, width_px: int | None = None) -> str:
    """Return the text of an SVG file that needs no style sheet: with XML heading, namespace, style and a white ground.

    `svg` is one drawing with a viewBox, as `paper.svg.picture` gives it; `width_px` sets its size, height in proportion
    (its own units and a margin without). Title and description stay first. Raises BadInput for what is no such drawing.

    The classes are those of the style sheet of the pages, so that a drawing looks the same in both:

    - text: plain is quiet, 13 px; `ti` strong (labels and values), `tb` strong and bad, `tn` strong on night, `hd` a
      heading in serifs, `gone` struck (with `ti` or alone), `dim-text` quiet. Every text has a halo of the sheet.
    - scaffold: `ax` an axis, `gr` a grid line, `now` a strong upright (zero, today), `lim` a limit, `band` a quiet area
      (what is not reliable), `nightw` the area of a session.
    - lines: `ln` with a series `a`, `b` or `c`, and with `dash` or `dot`, for colour and dash differ together; `inks`
      in ink; `thin`, `thick`.
    - areas and marks: `af`, `bf`, `cf` filled as the series, with `wash` as a pale interval band; `hol` hollow (with
      `a`, `b` or `c`); `nightf` and `nights` a session, held and planned; `inkf`, `sheetf`, `badf`, `duef`, `edgef`,
      `nowf`; `pix` an image whose pixels are values.
    """
    found = _OPENING.match(svg)
    if found is None:
        raise BadInput("It is no drawing with a viewBox.", where="svg", remedy="Give what paper.svg.picture gives.")
    left, top = (float(each) - MARGIN for each in found.groups()[:2])
    width, height = (float(each) + 2 * MARGIN for each in found.groups()[2:])
    wide = width if width_px is None else float(width_px)
    size = f'xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{wide * height / width:g}"'
    told = _TOLD.match(svg, found.end())
    start = told.end() if told else found.end()
    box = f"{left:g} {top:g} {width:g} {height:g}"
    opening = f"<svg {size}{svg[len('<svg') : found.start(1)]}{box}{svg[found.end(4) : found.end()]}"
    ground = f'<rect class="sheetf" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"/>'
    style = f"<style>{rules()}</style>"
    whole = f"{opening}{svg[found.end() : start]}{style}{ground}{svg[start:]}"
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", whole) + "\n"
