"""Answers typed but not handed in yet. Never part of a ledger."""

from asklepion.record.models import Draft


def save(account: str, course: str, scale: str, visit: str, item: str, value: int | None) -> None:
    """Keep one answer; None is a blank left on purpose."""
    Draft.objects.update_or_create(
        account=account, course=course, scale=scale, visit=visit, item=item, defaults={"value": value}
    )


def load(account: str, course: str, scale: str, visit: str) -> dict[str, int | None]:
    """Return the answers kept so far, by item."""
    kept = Draft.objects.filter(account=account, course=course, scale=scale, visit=visit)
    return dict(kept.values_list("item", "value"))


def discard(account: str, course: str, scale: str, visit: str) -> None:
    """Drop the answers, after they were handed in."""
    Draft.objects.filter(account=account, course=course, scale=scale, visit=visit).delete()
