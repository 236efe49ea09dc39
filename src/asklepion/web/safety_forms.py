"""Forms of safety: an event, its end, a contact, a note. Nothing is filled in beforehand."""

from typing import Any

from django import forms

from asklepion.flows import safety
from asklepion.web.screening_forms import day_field
from asklepion.web.visit_forms import EntryForm, instant_field, words_field

_YES_NO = [("yes", "Yes"), ("no", "No")]


class Event(EntryForm):
    """Something unwanted that happened, or a welcome change."""

    term = forms.CharField(
        label="What happened",
        max_length=200,
        help_text="A few words, such as headache. One event, one entry.",
        error_messages={"required": "Say in a few words what happened."},
    )
    grade = forms.TypedChoiceField(
        label="Severity at its worst",
        coerce=int,
        choices=[(grade, f"{grade}, {words.lower()}") for grade, words in safety.GRADES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a grade."},
    )
    serious = forms.ChoiceField(
        label="Serious",
        choices=_YES_NO,
        widget=forms.RadioSelect,
        help_text="What it led to, such as death, danger to life or a stay in hospital, as your protocol defines it. "
        "A severe headache need not be serious.",
        error_messages={"required": "Say whether it was serious."},
    )
    started_on = day_field("Began on", required=True)
    ended_on = day_field("Ended on", help_text="Leave it empty while it lasts.")
    related = forms.ChoiceField(
        label="Related to the treatment, in your judgement",
        choices=list(safety.RELATED.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one. If it cannot be told yet, say so."},
    )
    special_interest = forms.BooleanField(
        label="An event of special interest, as the protocol lists them", required=False
    )
    confirmed = forms.BooleanField(
        label="Life-threatening, and still not serious: I have looked at both", required=False
    )
    welcome = forms.BooleanField(label="The person welcomes it, such as joy or calm", required=False)
    action = words_field("What was done", rows=3, most=1000, help_text="Nothing done is worth writing too.")


class EventEnd(EntryForm):
    """The end of an event that was open."""

    ended_on = day_field("Ended on", required=True)
    reason = words_field(
        "How you know",
        missing="Say how you know that it ended.",
        help_text="It stands beside the entry for good: told by telephone, seen at the visit.",
        rows=2,
        most=400,
    )
    action = words_field("What was done", rows=3, most=1000, help_text="Empty keeps what stands there already.")


class Contact(EntryForm):
    """A contact outside a visit, or the try at one."""

    how = forms.ChoiceField(
        label="How",
        choices=list(safety.HOW.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how."},
    )
    reached = forms.ChoiceField(
        label="Was the person reached",
        choices=_YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the person was reached."},
    )
    happened = instant_field("When", missing="Type when it was.")
    minutes = forms.IntegerField(
        label="How long, minutes",
        required=False,
        min_value=0,
        max_value=1440,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Type whole minutes, in figures."},
    )
    about = words_field("What it was about", missing="Say in a few words what it was about.", rows=4)


class Note(EntryForm):
    """A note, of the course or of one visit."""

    text = words_field("Note", missing="Write something, or leave the page.", rows=8)

    def __init__(self, visits: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unscheduled = [("unscheduled", "An unscheduled visit")]
        choices = [("", "The course"), *visits.items(), *unscheduled]
        self.fields["visit"] = forms.ChoiceField(label="Belongs to", required=False, choices=choices)
