"""Files of the Metapsy databases: which of a study's many rows count. The defaults are those of SYPRES."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from asklepion.core.errors import BadInput, BadRow
from asklepion.stats.columns import LeftOut

_NEEDED = ("study", "condition_arm1", "outcome_type", "primary_instrument", "primary_timepoint", ".g", ".g_se")
_COUNTS = ("response", "remission")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which rows count. `outcomes` in order of preference: `msd` (endpoint), `imsd` (endpoint, imputed), `change`, or
    `response`, `remission`.

    `instruments` in order of preference; without them a study's primary one. `all_times` takes every time after
    baseline in place of the primary one. Rows after crossover never count. Of a study with several doses the highest
    against the lowest counts, as in SYPRES's analysis of MDMA for PTSD, unless `all_arms`.
    """

    outcomes: tuple[str, ...] = ("msd", "imsd")
    instruments: tuple[str, ...] = ()
    all_times: bool = False
    all_arms: bool = False

    @property
    def counts(self) -> bool:
        """Tell whether the outcome is of people, not of a scale."""
        return bool(self.outcomes) and self.outcomes[0] in _COUNTS


def read(content: bytes, path: Path) -> pd.DataFrame:
    """Give the rows of a file with semicolons and decimal commas, numbered by its lines."""
    try:
        rows = pd.read_csv(io.BytesIO(content), sep=";", decimal=",", encoding="utf-8-sig", low_memory=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise BadRow(f"It is no table ({error}).", file=str(path), line=1, remedy="Save it in UTF-8.") from error
    if rows.empty:
        raise BadInput("It has no rows.", where=str(path), remedy="Give one row for each effect.")
    rows.index = pd.Index(rows.index + 2, name="line")
    return rows


def is_metapsy(rows: pd.DataFrame) -> bool:
    """Tell whether the columns are those of Metapsy's standard."""
    return all(name in rows.columns for name in _NEEDED)


def told(selection: Selection) -> str:
    """Say in a sentence which rows count."""
    outcome = ", else ".join(selection.outcomes)
    instrument = ", else ".join(selection.instruments) or "the primary instrument"
    time = "every time after baseline" if selection.all_times else "the primary time"
    arms = "all arms" if selection.all_arms else "the highest dose against the lowest"
    return f"Rows: {outcome}; {instrument}; {time}; not after crossover; {arms}."


def select(rows: pd.DataFrame, selection: Selection) -> tuple[pd.DataFrame, list[LeftOut]]:
    """Give the rows that count, and how many do not, and why, in the order of the reasons."""
    left_out: list[LeftOut] = []
    known = sorted(rows["outcome_type"].dropna().unique())
    stray = [name for name in selection.outcomes if name not in known]
    if len(stray) == len(selection.outcomes):
        remedy = f"Name one of {', '.join(known)}."
        raise BadInput(f"No row has the outcome {', '.join(stray)}.", where="outcomes", remedy=remedy)
    rows = _keep(rows, rows["outcome_type"].isin(selection.outcomes), "another outcome", left_out)
    if selection.instruments:
        rows = _keep(rows, rows["instrument"].isin(selection.instruments), "another instrument", left_out)
    else:
        rows = _keep(rows, rows["primary_instrument"] == 1, "not the primary instrument", left_out)
    if selection.all_times:
        rows = _keep(rows, rows["time_days"] > 0, "not after baseline", left_out)
    else:
        rows = _keep(rows, rows["primary_timepoint"] == 1, "not the primary time", left_out)
    if "post_crossover" in rows:
        rows = _keep(rows, rows["post_crossover"].fillna(0) != 1, "after crossover", left_out)
    if not selection.all_arms:
        rows = _keep(rows, _extreme(rows), "another dose of the same study", left_out)
    rows = _preferred(rows, "outcome_type", selection.outcomes, left_out, all_times=selection.all_times)
    if selection.instruments:
        rows = _preferred(rows, "instrument", selection.instruments, left_out, all_times=selection.all_times)
    return rows, left_out


def _keep(rows: pd.DataFrame, wanted: "pd.Series[bool]", why: str, left_out: list[LeftOut]) -> pd.DataFrame:
    lost = int((~wanted).sum())
    if lost:
        left_out.append(LeftOut(why, lost))
    return rows[wanted]


def _dose(label: object) -> float:
    """Give the number in an arm's label; an arm without one has none of the drug."""
    found = re.search(r"\d+(?:[.,]\d+)?", label) if isinstance(label, str) else None
    return float(found[0].replace(",", ".")) if found else 0.0


def _extreme(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Mark, within each study, the rows of its highest first arm against its lowest second arm."""
    first, second = rows["multi_arm1"].map(_dose), rows["multi_arm2"].map(_dose)
    high = first.groupby(rows["study"]).transform("max")
    low = second.groupby(rows["study"]).transform("min")
    return (first == high) & (second == low)


def _preferred(
    rows: pd.DataFrame, name: str, order: tuple[str, ...], left_out: list[LeftOut], *, all_times: bool
) -> pd.DataFrame:
    """Keep, of a study (and time) that has several, the one that stands first in the order."""
    place = rows[name].map({value: k for k, value in enumerate(order)})
    by = [rows["study"], rows["time_days"]] if all_times else [rows["study"]]
    return _keep(rows, place == place.groupby(by).transform("min"), f"a preferred {name} is there", left_out)
