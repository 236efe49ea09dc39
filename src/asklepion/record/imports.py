"""What an import has to know of the ledgers before it writes."""

from collections.abc import Collection, Iterator, Sequence

from asklepion.record.models import Course, LedgerEntry

_AT_ONCE = 500
"""How many a question names: SQLite bounds the parts of a statement."""


def recorded(ids: Sequence[str]) -> frozenset[str]:
    """Return those of the ids that name an entry."""
    found = (LedgerEntry.objects.filter(id__in=some).values_list("id", flat=True) for some in _parts(ids))
    return frozenset(id for some in found for id in some)


def taken(codes: Sequence[str]) -> frozenset[str]:
    """Return those of the codes that a course bears."""
    found = (Course.objects.filter(code__in=some).values_list("code", flat=True) for some in _parts(codes))
    return frozenset(code for some in found for code in some)


def _parts(names: Sequence[str]) -> Iterator[Collection[str]]:
    return (names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE))
