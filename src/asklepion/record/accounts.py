"""Accounts: made, listed, closed, and proved when something is signed."""

import builtins
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction

from asklepion.core.access import Role
from asklepion.core.errors import BadInput, ProofFailed, UnknownId
from asklepion.record import clock
from asklepion.record.models import Account


@dataclass(frozen=True, slots=True)
class Listed:
    username: str
    printed_name: str
    role: Role
    course: str
    active: bool
    second_factor: bool


def create(username: str, role: Role, printed_name: str, password: str, course: str = "") -> None:
    """Make an account. Raises BadInput if the name is taken or the password is too weak."""
    account = Account(username=username, role=str(role), printed_name=printed_name, course=course)
    if (role is Role.PARTICIPANT) != bool(course):
        raise BadInput("A participant's account, and no other, belongs to a course.", where="course")
    if not username.strip() or Account.objects.filter(username__iexact=username).exists():
        raise BadInput("This name is taken or empty.", where="username", remedy="Choose another.")
    _set_password(account, password)
    account.save(force_insert=True)


def list() -> tuple[Listed, ...]:
    """Return all accounts by name."""
    known = frozenset(Authenticator.objects.filter(type="totp").values_list("user_id", flat=True))
    return tuple(
        Listed(each.username, each.printed_name, Role(each.role), each.course, each.is_active, each.pk in known)
        for each in Account.objects.order_by("username")
    )


def deactivate(username: str) -> None:
    """Close an account and end its sessions. What it recorded stays."""
    account = _account(username)
    account.is_active = False
    account.save(update_fields=["is_active"])
    sign_out_everywhere(username)


def reset(username: str, password: str) -> None:
    """Give a new password, take away the second factor, and end all sessions."""
    account = _account(username)
    _set_password(account, password)
    with transaction.atomic():
        account.save(update_fields=["password"])
        Authenticator.objects.filter(user=account).delete()
    sign_out_everywhere(username)


def give_second_factor(username: str) -> None:
    """Give a demo account a code app with a fresh secret, as setting one up on its page would."""
    TOTP.activate(_account(username), generate_totp_secret())


def sign_out_everywhere(username: str) -> None:
    """End every session of an account."""
    key = str(_account(username).pk)
    open_sessions = Session.objects.filter(expire_date__gte=clock.now())
    ended = [each.pk for each in open_sessions if each.get_decoded().get("_auth_user_id") == key]
    Session.objects.filter(pk__in=ended).delete()


def prove(account: str, username: str, password: str) -> str:
    """Return in words how the signer proved who they are: name and password typed again (21 CFR 11.200).

    Raises ProofFailed, with the same words and work whatever was wrong.
    """
    found = Account.objects.filter(username=username, is_active=True).first()
    if found is None:
        make_password(password)
        right = False
    else:
        right = found.check_password(password) and found.username == account
    if not right:
        raise ProofFailed("Name or password is not right.", remedy="Type your own account name and password.")
    return "account name and password typed again"


def printed_name(username: str) -> str:
    """Return the name with which an account signs."""
    return _account(username).printed_name


def _account(username: str) -> Account:
    found = Account.objects.filter(username=username).first()
    if found is None:
        raise UnknownId("There is no such account.", where=username)
    return found


def _set_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as fault:
        raise BadInput(" ".join(builtins.list(fault.messages)), where="password") from fault
    account.set_password(password)
