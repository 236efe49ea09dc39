"""Forms of accounts, with labels and help in our words."""

from typing import Any

from allauth.account.forms import ChangePasswordForm
from django import forms

from asklepion.core.access import Role

ROLE_CHOICES = [(role.value, role.replace("_", " ").capitalize()) for role in Role]


class ChangePassword(ChangePasswordForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Present password"
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = "At least twelve characters. A few unrelated words are good."
        self.fields["password2"].label = "New password again"


class NewAccount(forms.Form):
    """An account that an administrator makes."""

    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]*$",
        label="Account",
        max_length=60,
        help_text="Lower-case letters, digits, dots and hyphens. It is written beside everything the person records.",
        error_messages={"invalid": "Use lower-case letters, digits, dots and hyphens only."},
    )
    printed_name = forms.CharField(label="Printed name", max_length=120, help_text="As it stands under a signature.")
    role = forms.ChoiceField(label="Role", choices=[("", "Choose a role"), *ROLE_CHOICES])
    course = forms.CharField(
        label="Course", max_length=40, required=False, help_text="Only for a participant: the code, such as AK-0001."
    )
    password = forms.CharField(
        label="First password",
        min_length=12,
        help_text="At least twelve characters. Hand it over in person; it can be changed after signing in.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_participant = cleaned.get("role") == Role.PARTICIPANT
        if is_participant and not cleaned.get("course"):
            self.add_error("course", "A participant belongs to one course. Type its code.")
        if cleaned.get("course") and not is_participant:
            self.add_error("course", "Only a participant belongs to a course. Leave this empty.")
        return cleaned


class NewPassword(forms.Form):
    """A password that an administrator sets for somebody who lost theirs."""

    password = forms.CharField(
        label="New password",
        min_length=12,
        help_text="At least twelve characters. Hand it over in person; it can be changed after signing in.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
