"""Forms of a dosing session: a set of readings, a dose given, a dose withheld."""

from collections.abc import Iterable
from typing import Any

from django import forms

from asklepion.web.visit_forms import EntryForm, ValuesForm, instant_field, words_field


class Readings(ValuesForm):
    """A set of readings taken together in a session."""

    taken = instant_field("Taken at", missing="Type when the readings were taken.")


class Give(EntryForm):
    """A dose that was swallowed. The levels are those that the protocol plans and that may be given now."""

    given = instant_field("Swallowed at", missing="Type when it was swallowed.")
    level_mg = forms.TypedChoiceField(
        label="Level of the schedule",
        coerce=float,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a level.", "invalid_choice": "This level is not planned here."},
    )
    witnessed_by = forms.CharField(
        label="Witnessed by",
        max_length=120,
        help_text="The code of a second person who saw it swallowed.",
        error_messages={"required": "Name who saw it swallowed."},
    )

    def __init__(self, levels: Iterable[float], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level_mg"].choices = [(f"{level:g}", f"{level:g} mg") for level in levels]  # type: ignore[attr-defined]


class Withhold(EntryForm):
    """A dose that was not given, and why."""

    because = words_field("Why it was withheld", missing="Say in a few words why it was not given.", rows=2, most=400)
