"""How allauth signs in here: no sign-up, one answer to every wrong try, app codes, secrets encrypted at rest."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

_WRONG = "The account or the password is not right. Nothing else is said here, so that nobody can find out accounts."


class Adapter(DefaultAccountAdapter):
    """Accounts are made by an administrator only; messages in our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "too_many_login_attempts": "Too many wrong tries. Wait five minutes, then try again.",
        "enter_current_password": "This is not your present password. Type it again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in. Who has no code app yet has just typed the password: setting one up does not ask for it again."""
        super().login(request, user)
        if not is_mfa_enabled(user):
            record_authentication(request, user, method="password", reauthenticated=True)

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing: the page that follows shows what was done."""


class SecondFactor(DefaultMFAAdapter):
    """Keeps the secret of the code app encrypted with the people key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or it is older than half a minute. Type the one that is shown now.",
    }

    def encrypt(self, text: str) -> str:
        return _locker().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _locker().decrypt(encrypted_text.encode()).decode()


def name_of_try(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """Return the account that a sign-in names, so that all tries at one account are counted together."""
    named = (credentials or {}).get("username") or request.POST.get("login", "")
    return named.replace("\0", "").strip().lower()


def _locker() -> Fernet:
    digest = hashlib.sha256(b"second factor" + settings.PEOPLE_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
