"""Regions of channels: from a file of the user's, or by the letters of the 10-20 system."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from asklepion.core.errors import BadInput

LABEL = re.compile(
    r"^(Fp|AFp|AFF|AF|FFT|FFC|FT|FTT|FC|FCC|F|TTP|TP|TPP|T|CCP|CPP|CP|C|PPO|POO|PO|P|OI|O|I|N|A|M)(z|\d+h?)$", re.I
)
_NOT_TEN_TWENTY = re.compile(r"^([BDEGH]\d+|A([3-9]|[12]\d|3[0-2]))$")
_DRESS = re.compile(r"^EEG[ _-]+|[ _-]+(REF|LE|AR|AVG|A1|A2|M1|M2)$|\.+$", re.I)


def bare(name: str) -> str:
    """Return a channel's label without what devices dress it in.

    >>> bare("EEG Fp1-REF"), bare("Cz.."), bare("PO7")
    ('Fp1', 'Cz', 'PO7')
    """
    before, found = "", name.strip()
    while before != found:
        before, found = found, _DRESS.sub("", found)
    return found


def is_ten_twenty(names: Sequence[str]) -> bool:
    """Say whether labels can be read by the 10-20 system: a cap with A3, B1 or E1 numbers its sites in another way.

    On such a cap C3 and F3 are not where the 10-20 system has them.
    """
    return not any(_NOT_TEN_TWENTY.match(bare(name)) for name in names)


def regions_of(names: Sequence[str], regions: Mapping[str, tuple[str, ...]] | str | None) -> dict[str, tuple[str, ...]]:
    """Return region -> channels among `names`, in the order of the plan; channels that are not there are left out.

    Raises BadInput for letters where labels are of another system, and for a mapping that names none of the channels.
    """
    if regions is None:
        return {}
    if isinstance(regions, str):
        return _by_letters(names)
    held = set(names)
    found = {region: tuple(each for each in channels if each in held) for region, channels in regions.items()}
    kept = {region: channels for region, channels in found.items() if channels}
    if not kept:
        what = "None of the channels of its regions is in the recording."
        raise BadInput(what, where="regions", remedy=f"Channels: {', '.join(list(names)[:12])}.")
    return kept


def _by_letters(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if is_ten_twenty(names):
        for name in names:
            if match := LABEL.match(bare(name)):
                letters = match[1][0].upper() + match[1][1:].lower() if match[1].lower() == "fp" else match[1].upper()
                found[letters] = (*found.get(letters, ()), name)
    if not found:
        what = f"The channels are not labelled by the 10-20 system: {', '.join(list(names)[:6])}."
        raise BadInput(what, where="regions", remedy="Give a file of regions.")
    return found


def read_regions(path: Path) -> dict[str, tuple[str, ...]]:
    """Return region -> channels of a YAML file (a list of channels under each region) or a CSV of channel, region."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(f"The file cannot be read: {why}.", where=str(path), remedy="Name another file.") from error
    found = _from_csv(text, path) if path.suffix.lower() in (".csv", ".tsv") else _from_yaml(text, path)
    placed: dict[str, str] = {}
    for region, channels in found.items():
        for each in channels:
            if each in placed:
                what = f"{each} is in two regions, {placed[each]} and {region}."
                raise BadInput(what, where=str(path), remedy="Put each channel into one region.")
            placed[each] = region
    return found


def _from_csv(text: str, path: Path) -> dict[str, tuple[str, ...]]:
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t" if path.suffix.lower() == ".tsv" else ","))
    if not rows or not {"channel", "region"} <= set(rows[0]):
        raise BadInput("Columns `channel` and `region` are needed.", where=str(path), remedy="Name them so.")
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row["channel"] and row["region"]:
            found[row["region"]] = (*found.get(row["region"], ()), row["channel"])
    return found


def _from_yaml(text: str, path: Path) -> dict[str, tuple[str, ...]]:
    import yaml

    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"It is no YAML: {' '.join(str(error).split())}", where=str(path), remedy="Mend it.") from error
    if not isinstance(told, dict) or not all(isinstance(each, list) for each in told.values()) or not told:
        raise BadInput("Regions with a list of channels each are needed.", where=str(path), remedy="frontal: [Fz, F3]")
    return {str(region): tuple(str(each) for each in channels) for region, channels in told.items()}
