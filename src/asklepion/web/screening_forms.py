"""Forms of the screening worksheet. Labels and help in our words; what is judged is judged by the flow."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from django import forms

from asklepion.core.errors import AsklepionError
from asklepion.flows.screening import MEANINGS
from asklepion.knowledge.types import Observable, ValueKind
from asklepion.record import clock, ledger

GROUPS = {
    "diagnosis": "Diagnoses",
    "vital": "Readings of the body",
    "laboratory": "Laboratory and tests",
    "history": "History",
    "circumstance": "Circumstances",
    "session": "Session",
    "therapy": "Therapy",
}
_YES_NO = [("", "Leave it"), ("yes", "Yes"), ("no", "No")]
_DATE = {"type": "date"}


def day_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    """Return a field for a day. A browser offers its calendar; typed it reads 2026-11-19."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "This is no day. Type it as 2026-11-19.", "required": "Choose a day."},
    )


def entry_id_field() -> forms.CharField:
    """Return the hidden id of the entry that a form makes: sent twice it is one entry."""
    return forms.RegexField(
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        label="Form",
        widget=forms.HiddenInput,
        initial=ledger.new_id,
        error_messages=dict.fromkeys(("required", "invalid"), "This form is damaged. Load the page again."),
    )


def show(form: forms.Form, refused: AsklepionError) -> None:
    """Put every fault of a refusal beside the field that it names."""
    for fault in getattr(refused, "faults", (refused,)):
        field = {"at": "taken_on"}.get(fault.where, fault.where)
        known = form.fields.get(field)
        words = f"{fault.what} {fault.remedy}".strip()
        form.add_error(field if known else None, words.removeprefix(f"{known.label}: ") if known else words)


class Values(forms.Form):
    """One sheet of values, a field an observable, by group. What stays empty is not recorded."""

    taken_on = day_field("Taken on", required=True, help_text="All values of this sheet. Not ahead of us.")
    taken_at = forms.TimeField(
        label="At",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="Where the hour matters, as for blood pressure.",
        error_messages={"invalid": "This is no time of day. Type it as 09:30."},
    )

    def __init__(self, observables: Iterable[Observable], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.observables = {each.id: each for each in observables}
        self.fields["taken_on"].initial = clock.today
        for group in {each.group for each in self.observables.values()}:
            self.fields[f"id-{group}"] = entry_id_field()
        for each in self.observables.values():
            self.fields[each.id] = value_field(each)

    def typed(self) -> dict[str, str | bool | float]:
        """Return what was typed, by observable; yes and no as such."""
        given = {what: self.cleaned_data.get(what) or "" for what in self.observables}
        words: dict[str, str | bool | float] = {}
        for what, value in given.items():
            is_choice = self.observables[what].value is ValueKind.YES_NO and value
            words[what] = value == "yes" if is_choice else str(value)
        return words

    def at(self) -> datetime | None:
        """Return when the values were taken; None is now. A day without an hour stands at noon."""
        on, hour = self.cleaned_data["taken_on"], self.cleaned_data.get("taken_at")
        if hour is None:
            return None if on == clock.today() else clock.at_local(on)
        return clock.at_local(on, hour.hour, hour.minute)

    def ids(self) -> Mapping[str, str]:
        """Return the entry id of each group."""
        return {name[3:]: value for name, value in self.cleaned_data.items() if name.startswith("id-")}


def value_field(each: Observable) -> forms.Field:
    """Return the field in which a value is typed. It begins empty, and empty is not recorded."""
    match each.value:
        case ValueKind.YES_NO:
            return _choice(each, _YES_NO)
        case ValueKind.CHOICE:
            words = [(choice, choice.replace("_", " ").capitalize()) for choice in each.choices]
            return _choice(each, [("", "Leave it"), *words])
        case ValueKind.DATE:
            return day_field(each.title, help_text=each.hint)
        case ValueKind.TEXT:
            area = forms.Textarea(attrs={"rows": 2})
            return forms.CharField(label=each.title, required=False, help_text=each.hint, widget=area, max_length=2000)
        case _:
            number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
            return forms.CharField(label=each.title, required=False, help_text=each.hint, widget=number, max_length=40)


def _choice(each: Observable, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=each.title,
        required=False,
        help_text=each.hint,
        choices=choices,
        widget=forms.RadioSelect if len(choices) <= 4 else forms.Select,
    )


class Medicine(forms.Form):
    """A medicine as told. `chosen` is asked only where the typed name answers to nothing on file."""

    id = entry_id_field()
    medicine = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)
    typed = forms.CharField(
        label="Medicine",
        max_length=200,
        help_text="As the person or the pharmacy says it: a brand, a substance, a herb, a street name.",
        widget=forms.TextInput(attrs={"list": "known-medicines", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type the name as it was told."},
    )
    dose = forms.CharField(label="Dose", max_length=200, required=False, help_text="With its unit and how often.")
    taking = forms.ChoiceField(
        label="Is it taken now?",
        choices=[("yes", "Still taken"), ("no", "Stopped")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is still taken. If nobody knows, choose still taken."},
    )
    started_on = day_field("Begun on")
    stopped_on = day_field(
        "Last dose on",
        help_text="Only if it was stopped. If nobody knows the day, leave it empty: the washout stays unknown.",
    )
    told_by = forms.CharField(
        label="Told by", max_length=200, required=False, help_text="The person, a pharmacy record, a letter."
    )

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if offered:
            self.fields["chosen"] = forms.ChoiceField(
                label="Which one",
                choices=list(offered),
                widget=forms.RadioSelect,
                error_messages={"required": "No medicine on file has exactly this name. Choose which one it is."},
            )
            self.order_fields(["id", "medicine", "typed", "chosen"])


class Decision(forms.Form):
    """A physician's decision on a medicine, with a second person who types their own name and password."""

    id = entry_id_field()
    medicine = forms.CharField(widget=forms.HiddenInput, max_length=36)
    decision = forms.ChoiceField(
        label="What do you decide?",
        choices=[
            ("may_go_on", "This medicine does not stand in the way"),
            ("stops_the_course", "This medicine stops the course"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
    )
    rests_on = forms.CharField(
        label="What does it rest on?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The source you read and where in it, the person you asked, and what you weighed.",
        error_messages={"required": "Name the source you read or the person you asked."},
    )
    second_username = forms.CharField(
        label="Account of the second person",
        max_length=150,
        help_text="Another physician, a pharmacist or the medical monitor. They type this themselves.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    second_password = forms.CharField(
        label="Their password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


class Proof(forms.Form):
    """Who signs, typed again."""

    id = entry_id_field()
    username = forms.CharField(
        label="Your account name",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "Type your account name: a signature needs both."},
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Type your password: a signature needs both."},
    )


class Signing(Proof):
    """A signature on the worksheet: its meaning, and the hash of what was shown."""

    shown_hash = forms.CharField(label="Worksheet", widget=forms.HiddenInput, max_length=64)
    meaning = forms.ChoiceField(
        label="Meaning",
        widget=forms.RadioSelect,
        choices=list(MEANINGS.items()),
        error_messages={"required": "Say what your signature means.", "invalid_choice": "This is not offered."},
    )
    field_order = ("id", "shown_hash", "meaning", "username", "password")

    def __init__(self, *args: Any, may_approve: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_approve:
            meaning = cast("forms.ChoiceField", self.fields["meaning"])
            meaning.choices = [(key, words) for key, words in MEANINGS.items() if key != "approved"]

    def show_anew(self, now: str) -> None:
        """Let the form sign the worksheet as it is shown now, and say so where it is another than before."""
        if self.data.get("shown_hash") != now and not self.has_error("shown_hash"):
            self.add_error(
                "shown_hash", "The worksheet has changed since it was shown to you. Read it as it stands now."
            )
        self.data = {name: self.data.get(name) for name in self.data} | {"shown_hash": now}
