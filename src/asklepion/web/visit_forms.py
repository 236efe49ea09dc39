"""Forms of visits. Nothing is filled in beforehand; what is refused keeps what was typed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from asklepion.core import readings
from asklepion.core.errors import AsklepionError, ManyFaults
from asklepion.core.values import unit_words
from asklepion.flows.visit_page import Asked, VisitPage
from asklepion.flows.visits import HOW
from asklepion.knowledge.types import Observable, ValueKind
from asklepion.record import clock
from asklepion.web.screening_forms import GROUPS, entry_id_field, value_field

_INSTANT = "%Y-%m-%dT%H:%M"
_LONG = 12
"""From here on values are folded away by group."""
_FAR_MS = 60_000
"""From here on a device's clock is said to be off; less is the way of the form to the server."""


def instant_field(label: str, *, required: bool = True, help_text: str = "", missing: str = "") -> forms.DateTimeField:
    """Return a field for a day and a time of the clinic."""
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_INSTANT),
        input_formats=[_INSTANT, "%Y-%m-%d %H:%M"],
        error_messages={
            "invalid": "This is no day and time. Type it as 2026-11-24 09:00.",
            "required": missing or "Type day and time.",
        },
    )


def words_field(
    label: str, *, missing: str = "", help_text: str = "", rows: int = 3, most: int = 4000
) -> forms.CharField:
    """Return a field for a few lines. It may stay empty unless `missing` says what to do."""
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=most,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class EntryForm(forms.Form):
    """A form that makes entries: its own id, so that it is saved once, and the clock of the device it came from."""

    id = entry_id_field()
    device_clock = forms.CharField(
        required=False, max_length=40, widget=forms.HiddenInput(attrs={"data-device-clock": ""})
    )

    def clock_offset_ms(self) -> int:
        """Return by how much the device's clock is ahead of ours, 0 where it is near or was not told."""
        try:
            told = parse_datetime(self.cleaned_data.get("device_clock") or "")
        except ValueError:
            return 0
        if told is None or told.tzinfo is None:
            return 0
        offset = round((told - clock.now()).total_seconds() * 1000)
        return offset if abs(offset) >= _FAR_MS else 0

    def show(self, refused: AsklepionError) -> None:
        """Put every fault of a refusal beside the field that it names."""
        for fault in getattr(refused, "faults", (refused,)):
            field = next((each for each in (fault.where, f"value-{fault.where}") if each in self.fields), None)
            named = f"{self.fields[field].label}: " if field else ""
            self.add_error(field, f"{fault.what.removeprefix(named)} {fault.remedy}".strip())


class ValuesForm(EntryForm):
    """The values that a visit asks for. `asked` gives what was last recorded, as reference beside an empty field."""

    def __init__(self, asked: Iterable[Asked], *args: Any, wanted: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.asked = {f"value-{each.observable.id}": each for each in asked}
        for name, each in self.asked.items():
            self.fields[name] = value_field(each.observable)

    def clean(self) -> dict[str, Any]:
        """Tell every fault of the values together with those of the other fields."""
        cleaned = super().clean() or {}
        try:
            readings.read({each.observable.id: each.observable for each in self.asked.values()}, self.typed())
        except ManyFaults as refused:
            self.show(refused)
        return cleaned

    def groups(self) -> list[dict[str, Any]]:
        """Return the fields of values by group, with unit and last value; open where one is refused or waited for."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, each in self.asked.items():
            last = each.last
            found.setdefault(each.observable.group, []).append(
                {
                    "field": self[name],
                    "unit": unit_words(each.observable.unit),
                    "before": (last.words, last.on, last.seq) if last else None,
                    "age": last.age if last else "",
                    "open": bool(self[name].errors) or each.observable.id in self.wanted,
                }
            )
        return [
            {"title": GROUPS[group], "fields": fields, "open": any(each["open"] for each in fields)}
            for group, fields in found.items()
        ]

    @property
    def is_long(self) -> bool:
        return len(self.asked) > _LONG

    def typed(self) -> dict[str, str | bool | float]:
        """Return what was typed, by observable."""
        return {
            each.observable.id: _plain(each.observable, self.cleaned_data.get(name))
            for name, each in self.asked.items()
        }


class Before(ValuesForm):
    """Values of a visit that is not held yet, or was held."""

    taken = instant_field("Taken at", required=False, help_text="Empty means now.")


class Hold(ValuesForm):
    """A visit that took place."""

    started = instant_field("Started", missing="Type when it started.")
    ended = instant_field("Ended", required=False, help_text="Leave it empty while it goes on, and add it afterwards.")
    how = forms.ChoiceField(
        label="How it was held",
        choices=list(HOW.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was held."},
    )
    present = forms.CharField(
        label="Who was present",
        required=False,
        max_length=400,
        help_text="Codes, with commas between: T-01, T-02. The person in care need not be named.",
    )
    note = words_field("Note", help_text="For those who treat. Raters and analysts never see it.", rows=4)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        started, ended = cleaned.get("started"), cleaned.get("ended")
        if started and ended and ended < started:
            self.add_error("ended", "The end lies before the start. Look at both times.")
        return cleaned

    def __init__(self, page: VisitPage, *args: Any, **kwargs: Any) -> None:
        super().__init__(page.asked, *args, **kwargs)
        if page.plan is None:
            self.fields["title"] = forms.CharField(
                label="What it was", max_length=120, error_messages={"required": "Say in a few words what it was."}
            )
        elif page.plan.checklist:
            self.fields["covered"] = covered_field((item.id, item.text) for item in page.plan.checklist)


class Finish(EntryForm):
    """The end of a visit that is under way."""

    held = forms.CharField(widget=forms.HiddenInput, max_length=36)
    ended = instant_field("Ended", missing="Type when it ended.")
    present = forms.CharField(
        label="Who else was present", required=False, max_length=400, help_text="Codes, with commas between."
    )
    note = words_field("Note", rows=4)

    def __init__(self, page: VisitPage, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        done = {id for each in page.held if each.under_way for id in each.recorded.entry.covered}
        left = [(item.id, item.text) for item in (page.plan.checklist if page.plan else ()) if item.id not in done]
        if left:
            self.fields["covered"] = covered_field(left)


class Book(EntryForm):
    """A time and a room."""

    starts = instant_field("Starts", missing="Type when it is to start.")
    room = forms.CharField(label="Room", required=False, max_length=80)


class Miss(EntryForm):
    """A visit that did not take place, and why."""

    because = words_field(
        "Why it was missed",
        missing="Say in a few words why it was missed.",
        help_text="It stands on the chart. Plain words, no blame: phone was lost.",
        most=400,
    )


class NotDone(EntryForm):
    """A scale that was not done, and why."""

    because = words_field("Why it was not done", missing="Say in a few words why it was not done.", rows=2, most=400)


def covered_field(items: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    """Return the checklist of a visit: what is ticked was covered, what is not was left out."""
    return forms.MultipleChoiceField(
        label="What was covered",
        required=False,
        choices=list(items),
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick what took place. What stays empty is shown as left out.",
    )


def named(text: str) -> tuple[str, ...]:
    """Return people named in one line, with commas between."""
    return tuple(each.strip() for each in text.replace("\n", ",").split(",") if each.strip())


def local_minutes(at: datetime) -> str:
    """Return an instant as a field for day and time shows it, by the clinic's clock."""
    return clock.local(at).strftime(_INSTANT)


def _plain(observable: Observable, given: Any) -> str | bool:
    if given is None or given == "":
        return ""
    if observable.value is ValueKind.YES_NO:
        return bool(given == "yes")
    return str(given)
