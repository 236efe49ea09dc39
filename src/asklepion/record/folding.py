"""Charts, folded once and kept: an append folds only what is new. Right in any number of processes."""

from collections import OrderedDict
from threading import Lock

from asklepion.core.access import Label
from asklepion.core.chart import Chart, fold
from asklepion.record.canonical import recorded_of
from asklepion.record.models import Course, LedgerEntry

_KEPT = 512
_charts: "OrderedDict[tuple[str, frozenset[Label]], tuple[int, str, Chart]]" = OrderedDict()
_lock = Lock()


def chart_at(head: Course, labels: frozenset[Label]) -> Chart:
    """Return the chart up to a head, of entries under these labels. A kept one is used if its hash is in the chain."""
    key = (head.code, labels)
    with _lock:
        seq, hash_, chart = _charts.get(key, (0, "", Chart(head.code)))
    if hash_ == head.hash:
        return chart
    rows = list(LedgerEntry.objects.filter(course=head.code, seq__gt=seq, seq__lte=head.seq).order_by("seq"))
    if not rows or rows[0].previous_hash != hash_:
        chart = Chart(head.code)
        rows = list(LedgerEntry.objects.filter(course=head.code, seq__lte=head.seq).order_by("seq"))
    chart = fold((recorded_of(row) for row in rows if row.label in labels), chart)
    keep(head, labels, chart)
    return chart


def keep(head: Course, labels: frozenset[Label], chart: Chart) -> None:
    """Keep a chart for later; the longest unused one goes."""
    with _lock:
        _charts[head.code, labels] = (head.seq, head.hash, chart)
        _charts.move_to_end((head.code, labels))
        while len(_charts) > _KEPT:
            _charts.popitem(last=False)
