"""Studies of a plan: from columns that it names, or from a file of the Metapsy databases."""

from dataclasses import dataclass
from typing import Any, ClassVar

from asklepion.core.errors import BadInput
from asklepion.flows.report.asked import Asked, Given, Texts
from asklepion.knowledge.references import references, shipped
from asklepion.knowledge.types.common import FORBID
from asklepion.stats.columns import complete, named, numeric
from asklepion.stats.meta import Study
from asklepion.stats.meta.metapsy import Selection
from asklepion.stats.meta.table import Kind, Reading, read_studies

Found = tuple[list[Study], dict[str, int], tuple[tuple[str, int], ...], tuple[str, ...]]
"""Studies, people by label, what was left out, and notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metapsy:
    """Which rows of a Metapsy file count; the defaults are those of SYPRES (see stats.meta.metapsy)."""

    __pydantic_config__: ClassVar[Any] = FORBID
    outcomes: Texts = ("msd", "imsd")
    instruments: Texts = ()
    all_times: bool = False
    all_arms: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfStudies(Asked):
    """A row a study: its label, effect, and variance or standard error; `retracted` names a column that says when.

    With `ratio`, effects are logarithms and are shown as ratios. With `metapsy`, the data are a file of the Metapsy
    databases: its columns are known, and what our references say was retracted does not count; `measure` is then rr, or
    or rd for counts.
    """

    __pydantic_config__: ClassVar[Any] = FORBID
    label: str = "study"
    effect: str = "effect"
    variance: str | None = None
    se: str | None = None
    people: str | None = None
    retracted: str | None = None
    ratio: bool = False
    metapsy: Metapsy | None = None
    measure: Kind | None = None

    def studies(self, given: Given) -> Found:
        """Return the studies. Raises BadInput for columns that are not there or hold no numbers."""
        return self._of_metapsy(given) if self.metapsy else self._of_columns(given)

    def _of_metapsy(self, given: Given) -> Found:
        """Return the studies of a Metapsy file, with what was selected in words."""
        if given.path is None or self.population:
            remedy = "Name the file under `data:`; rows are selected by `metapsy:`, not by a population."
            raise BadInput("A Metapsy file is read whole.", where="metapsy", remedy=remedy)
        chosen = self.metapsy or Metapsy()
        reading = Reading(
            measure=self.measure,
            selection=Selection(
                outcomes=chosen.outcomes,
                instruments=chosen.instruments,
                all_times=chosen.all_times,
                all_arms=chosen.all_arms,
            ),
        )
        found = read_studies(given.path, reading=reading, retracted=_retracted())
        if found.measure is not Kind.GIVEN and found.measure.ratio is not self.ratio:
            told = "logarithms" if found.measure.ratio else "no logarithms"
            raise BadInput(
                f"Effects are {told}.", where="ratio", remedy=f"Write `ratio: {str(not self.ratio).lower()}`."
            )
        left_out = tuple((each.why, each.rows) for each in found.left_out)
        return list(found.studies), {}, left_out, (found.reading,)

    def _of_columns(self, given: Given) -> Found:
        spread = self.variance or self.se
        if spread is None or (self.variance and self.se):
            remedy = "Write `variance:` or `se:` and the name of the column."
            raise BadInput("Name the variance or the standard error, one of them.", where="variance, se", remedy=remedy)
        table = given.rows.rows
        needed = [self.label, self.effect, spread]
        named(table, [*needed, *(each for each in (self.retracted, self.people) if each)])
        known, left_out = complete(table, needed)
        for name in (self.effect, spread, *([self.people] if self.people else [])):
            numeric(known[known[name].notna()], name)
        studies, people = [], {}
        for _, row in known.iterrows():
            label, size = str(row[self.label]), float(row[spread])
            variance = size**2 if self.se else size
            why = str(row[self.retracted]) if self.retracted and not _blank(row[self.retracted]) else ""
            studies.append(Study(label, float(row[self.effect]), variance, why))
            if self.people and not _blank(row[self.people]):
                people[label] = int(row[self.people])
        return studies, people, tuple((each.why, each.rows) for each in left_out), ()


def _retracted() -> dict[str, str]:
    """Return by DOI which works our references say were retracted, with the key under which they stand."""
    file = shipped()
    known, _ = references(file.read_text("utf-8"), file.name)
    prefix = "https://doi.org/"
    return {
        work.url.lower().removeprefix(prefix): f"(reference {key})"
        for key, work in known.items()
        if work.status == "retracted" and work.url.startswith(prefix)
    }


def _blank(value: object) -> bool:
    return value is None or value != value or str(value) in {"", "<NA>"}
