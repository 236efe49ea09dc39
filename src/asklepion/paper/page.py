"""A report as one HTML file: the look of the pages within it, by day and by night, nothing fetched and no script."""

import base64
import math
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from asklepion.core.errors import BadInput

if TYPE_CHECKING:
    from jinja2 import Environment

_MINUS = "\N{MINUS SIGN}"
_FACE = re.compile(r"@font-face\{[^}]*\}")
_FONT = re.compile(r"url\((fonts/[\w.-]+)\)")
_DIM = re.compile(r"\[data-theme=dim\]\{(.*?)\n\}", re.DOTALL)
# Classes of drawings that the pages' own style sheet has not; the rest is there. A report has no italics.
_DRAWINGS = (
    ".bf{fill:var(--s2)}.wash{fill-opacity:.14;stroke:none}.thin{stroke-width:1.25}.gone{text-decoration:line-through}"
    "svg .hd{font:600 17px var(--serif);fill:var(--ink)}"
)
_REPORT = (
    "main{max-width:72rem}.figs{display:grid;gap:var(--5);grid-template-columns:minmax(0,1fr)}.figs svg{height:auto}"
    "@media(min-width:60rem){.figs{grid-template-columns:repeat(2,minmax(0,1fr))}}"
    ".beside{display:grid;gap:var(--2) var(--5);grid-template-columns:minmax(0,1fr);align-items:start}"
    "@media(min-width:48rem){td,tbody th{padding:var(--2) var(--3)}.beside td,.beside th{padding:var(--2)}}"
    ".figs.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr))}.fig{align-content:start}"
    ".sheet-h{overflow-wrap:anywhere}.num .cell2{white-space:nowrap}"
    "@media(max-width:47.99rem){.reflow caption{display:block}"
    ".tw{position:relative;overflow:hidden}.reflow tbody th{overflow-wrap:anywhere}}"
    "@media(min-width:60rem){.beside{grid-template-columns:minmax(0,1fr) minmax(0,1.35fr)}}"
    "summary{min-height:1.75rem}figcaption{margin-top:var(--2)}.tw{margin-top:var(--3)}.facts{padding-left:1.2em}"
    "td .why{color:var(--ink-2);font-size:var(--t0)}caption{padding-top:var(--3)}.file{word-break:break-word}"
    ".tw:focus-visible{outline-offset:-3px}@media print{.sheet{break-inside:avoid-page}}"
)


def rendered(template: str, **values: object) -> str:
    """Return a report from a template of this package; what is no Markup is escaped. Raises BadInput without Jinja2."""
    return _environment().get_template(template).render(style=style(), **values).rstrip() + "\n"


def said(value: float | None, digits: int = 3) -> str:
    """Return a number to some digits that count, with a minus sign and no exponent between 1e-6 and 1e9.

    >>> said(-0.123456), said(12345.678), said(None), said(3.0), said(0.19)
    ('−0.123', '12346', 'none', '3.00', '0.190')
    """
    if value is None:
        return "none"
    if value == 0 or not 1e-6 <= abs(value) < 1e9:
        return f"{value:.{digits}g}".replace("-", _MINUS)
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{value:.{decimals}f}".replace("-", _MINUS)


def p_said(p: float) -> str:
    """Return a p value as it is printed: three decimals, below that so said."""
    return "below .001" if p < 0.001 else f"{p:.3f}"[1:] if p < 0.9995 else "1"


@cache
def style() -> Markup:
    """Return the style sheet of a report: tokens, pages and drawings, with fonts inside and night by preference."""
    own = files("asklepion") / "web" / "static" / "asklepion"
    tokens, pages = ((own / name).read_text("utf-8") for name in ("tokens.css", "asklepion.css"))
    faces = "".join(face for face in _FACE.findall(tokens) if "italic" not in face)
    inside = _FONT.sub(lambda found: f"url({_data((own / found[1]).read_bytes())})", faces)
    night = _DIM.search(tokens)
    dim = f"@media screen and (prefers-color-scheme:dark){{:root{{{night[1]}}}}}" if night else ""
    return Markup(inside + _FACE.sub("", tokens) + dim + pages + _DRAWINGS + _REPORT)


def _data(font: bytes) -> str:
    return f"data:font/woff2;base64,{base64.b64encode(font).decode()}"


@cache
def _environment() -> "Environment":
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise BadInput("Jinja2 is not installed.", where="report", remedy="Install `asklepion[research]`.") from error
    found = Environment(
        loader=PackageLoader("asklepion.paper"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"said": said, "p_said": p_said}
    return found
