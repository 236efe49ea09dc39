"""Every address. Each view module brings its own; sign-in and the second factor are allauth's views in our pages."""

from importlib import import_module
from importlib.util import find_spec

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from axes.decorators import axes_dispatch, axes_form_invalid
from django.urls import URLPattern, include, path
from django.utils.decorators import method_decorator

_NOUNS = (
    "shell", "accounts", "audit", "caseload", "chart", "screening", "consent", "visits", "safety", "scales",
    "outcomes", "ratings", "me",
)  # fmt: skip


def _views(noun: str) -> list[URLPattern]:
    name = f"asklepion.web.views.{noun}"
    return list(import_module(name).urlpatterns) if find_spec(name) else []


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class Login(account.LoginView):
    """Sign in with account and password; wrong tries are counted by account and address."""


_SIGN_IN = [
    path("login/", Login.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("code/", mfa.authenticate, name="mfa_authenticate"),
    path("code/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("code/set-up/", totp.activate_totp, name="mfa_activate_totp"),
    path("recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

urlpatterns = [path("accounts/", include(_SIGN_IN)), *(each for noun in _NOUNS for each in _views(noun))]

handler404 = "asklepion.web.views.shell.not_found"
handler500 = "asklepion.web.views.shell.failed"
