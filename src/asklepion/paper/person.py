"""The report of one person: their recordings, pictures, measures and changes, as one HTML file."""

from dataclasses import dataclass

from markupsafe import Markup

from asklepion.paper.page import rendered


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that gave nothing: where, what is wrong, what to do."""

    where: str
    what: str
    remedy: str

    @property
    def told(self) -> str:
        return f"{self.what} {self.remedy}".strip()


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing for a desk and for a phone, with a sentence under it. Small ones stand three in a row on a desk."""

    words: str
    desk: Markup
    phone: Markup
    small: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A row: the measure, the part that it is of, a cell under each heading, and a note where there is one."""

    name: str
    part: str
    cells: tuple[str, ...]
    unit: str
    n: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One recording: `table` is the path of its TSV, `more` how many readings of parts are only there."""

    id: str
    heading: str
    file: str
    table: str
    headings: tuple[str, ...]
    readings: tuple[Reading, ...]
    parts: tuple[Reading, ...] = ()
    more: int = 0
    figures: tuple[Figure, ...] = ()
    words: tuple[str, ...] = ()
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The recordings of one modality."""

    id: str
    heading: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of a study, by code."""

    person: str
    study: str
    lede: str
    parts: tuple[Part, ...]
    left: tuple[Missing, ...]
    version: str


def html(page: Person) -> str:
    """Return the report as one HTML file that fetches nothing."""
    return rendered("person.html", page=page, kind="Report of one person", version=page.version)
