"""Forms of consent: the answers to the questions of a document, the participant's signature, and a withdrawal."""

from typing import Any

from django import forms

from asklepion.flows.consent import SCOPES
from asklepion.knowledge.types import ConsentDocument
from asklepion.web.screening_forms import entry_id_field

_QUESTION = "q-"


class Answers(forms.Form):
    """One choice a question. An empty one is asked for by the flow, in the words of the page."""

    def __init__(self, document: ConsentDocument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, question in enumerate(document.questions, 1):
            self.fields[_QUESTION + question.id] = forms.TypedChoiceField(
                label=f"{number}. {question.text}",
                choices=[(str(place), words) for place, words in enumerate(question.options)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )

    def choices(self) -> dict[str, int]:
        """Return the choices that were made, by question."""
        given = {name.removeprefix(_QUESTION): value for name, value in self.cleaned_data.items()}
        return {question: value for question, value in given.items() if isinstance(value, int)}


class OwnSignature(forms.Form):
    """The participant's printed name, and their password typed again."""

    id = entry_id_field()
    name = forms.CharField(
        label="Your name, in print",
        max_length=200,
        help_text="As you write it under a letter. It is kept apart from your chart, encrypted.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Type your name: it is your signature."},
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        help_text="The one with which you signed in. It shows that it is you.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Type your password: it shows that it is you."},
    )


class Withdrawal(forms.Form):
    """What is withdrawn. No reason is asked for."""

    id = entry_id_field()
    scope = forms.ChoiceField(
        label="What is withdrawn?",
        choices=list(SCOPES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two. Nothing is withdrawn yet."},
    )
