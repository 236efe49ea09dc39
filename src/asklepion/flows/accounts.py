"""Accounts: who may sign in, and as what. An account keeps its role for good: every entry says in which it was made."""

import re
from dataclasses import dataclass

from asklepion.core.access import Role
from asklepion.core.errors import BadInput, UnknownId
from asklepion.record import accounts as record
from asklepion.record import reading

NAMES = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
"""What an account may be called: it is written beside everything that the person records."""


@dataclass(frozen=True, slots=True)
class Row:
    """One account as the list shows it."""

    username: str
    printed_name: str
    role: Role
    course: str
    active: bool
    second_factor: bool

    @property
    def role_word(self) -> str:
        return self.role.replace("_", " ").capitalize()


def everyone() -> tuple[Row, ...]:
    """Return all accounts by name."""
    return tuple(
        Row(each.username, each.printed_name, Role(each.role), each.course, each.active, each.second_factor)
        for each in record.list()
    )


def create(username: str, role: Role, *, printed_name: str, password: str, course: str = "") -> None:
    """Make an account. Raise BadInput if the name is taken, the course unknown or the password too weak."""
    if not NAMES.fullmatch(username):
        remedy = "Use lower-case letters, digits, dots and hyphens only, at most sixty."
        raise BadInput("This is no name of an account.", where="username", remedy=remedy)
    if not printed_name.strip():
        raise BadInput(
            "The printed name is empty.", where="printed_name", remedy="Type it as it stands under a signature."
        )
    if course:
        _there(course)
    record.create(username, role, printed_name, password, course=course)


def any_yet() -> bool:
    """Return whether anybody can sign in: in a new clinic nobody can."""
    return any(each.active for each in record.list())


def close(username: str, *, by: str) -> None:
    """Close an account for good. Nobody closes their own: the last administrator would lock the clinic out."""
    if username == by:
        raise BadInput("Nobody closes their own account.", remedy="Ask another administrator.")
    record.deactivate(username)


def reset(username: str, password: str, *, by: str) -> None:
    """Give a new password and take away the second factor: the next sign-in sets one up anew."""
    if username == by:
        raise BadInput("Nobody resets their own account.", remedy="Change your password on your account's page.")
    record.reset(username, password)


def sign_out_everywhere(username: str) -> None:
    """End every session of an account."""
    record.sign_out_everywhere(username)


def _there(course: str) -> None:
    """Raise BadInput if no course has this code: a participant would sign in to nothing, or to a slip of the pen."""
    try:
        reading.chart(course, reading.JUDGE)
    except UnknownId as unknown:
        raise BadInput("No course has this code.", where="course", remedy="Look it up in the caseload.") from unknown
