"""Which medicine on file a typed name means. A name that is only nearly right decides nothing; it is suggested."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from asklepion.knowledge.types import Drug

SALTS = """
    hydrochloride hcl hydrobromide hbr hydrogen bromide chloride carbonate citrate maleate mesylate mesilate oxalate
    succinate sulfate sulphate tartrate fumarate besylate besilate phosphate sodium potassium calcium
"""
"""Salts that change neither which medicine it is nor how long it stays. Esters of depots (decanoate, pamoate) do."""

DOSING = """
    mg mcg ug μg g ml tablet tablets tab tabs capsule capsules cap caps pill pills daily nightly day night morning
    evening noon bedtime once twice thrice times time a per at in the every each od bd bid tds tid qd qid qds qhs prn
    as needed
"""
"""Words of dose and time. Words of release (xr, depot) are not among them: a depot is another medicine."""

PASSED_OVER = frozenset(f"{SALTS} {DOSING}".split())
AMOUNT = re.compile(r"\d+(mg|mcg|ug|μg|g|ml)?")
NEAR = 0.6
"""difflib's own default for a close match; it ranks what a person then picks from, and decides nothing."""


def normalised(text: str) -> str:
    """Return the text in lower case, without accents, and with single spaces for all that is no letter or digit.

    >>> normalised(" St. John’s-wort ")
    'st johns wort'
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "'’`")
    return " ".join(re.findall(r"[^\W_]+", letters))


def match(drugs: Mapping[str, Drug], typed: str) -> Drug | None:
    """Return the medicine whose id, title or name this is, or None where none is, or more than one.

    Case, punctuation, and a trailing dose or salt ("Sertraline hydrochloride 100 mg daily") make no difference. Any
    other word does: "haloperidol decanoate" is not haloperidol.
    """
    named: dict[str, set[str]] = {}
    for id, drug in drugs.items():
        for name in _names(drug):
            named.setdefault(name, set()).add(id)
    for words in _shorter(normalised(typed)):
        found = named.get(words, set())
        if found:
            return drugs[found.pop()] if len(found) == 1 else None
    return None


def suggest(drugs: Mapping[str, Drug], typed: str, *, limit: int = 5) -> tuple[Drug, ...]:
    """Return up to `limit` medicines whose names begin like this or come near it, nearest first: a person picks."""
    words = [form for form in _shorter(normalised(typed)) if len(form) > 1]
    ranked = sorted(
        (
            (max((_nearness(name, form) for name in _names(drug) for form in words), default=0.0), drug)
            for drug in drugs.values()
        ),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    return tuple(drug for nearness, drug in ranked[:limit] if nearness >= NEAR)


def _names(drug: Drug) -> set[str]:
    return {normalised(name) for name in (drug.id, drug.title, *drug.names)}


def _shorter(words: str) -> Iterator[str]:
    """Yield the words, then the words with one more trailing word of dose or salt taken off each time."""
    left = words.split()
    while left:
        yield " ".join(left)
        last = left.pop()
        if last not in PASSED_OVER and not AMOUNT.fullmatch(last):
            return


def _nearness(name: str, typed: str) -> float:
    return 1.0 if name.startswith(typed) else SequenceMatcher(None, name, typed).ratio()
