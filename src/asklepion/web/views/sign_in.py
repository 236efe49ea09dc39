"""Signing in: allauth's views in our pages. In the demo, the code page shows the present code of a demo account."""

from typing import Any

from allauth.account import views as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import is_mfa_enabled
from axes.decorators import axes_dispatch, axes_form_invalid
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils.decorators import method_decorator

from asklepion.flows import demo


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class Login(account.LoginView):
    """Ask for account and password. Wrong tries are counted by account and address."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        logins = demo.logins() if settings.DEMO else ()
        return {**super().get_context_data(**kwargs), "demo_logins": logins}


class Code(mfa.AuthenticateView):
    """Ask for the six digits of the code app, or for a recovery code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": _demo_code(self.stage.login.user)}


class SetUp(totp.ActivateTOTPView):
    """Set up a code app. Who has one already is led to what they can do with it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return redirect("own_account")
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes")


def _demo_code(user: Any) -> str:
    """Return a code that this demo account can use now; nothing outside the demo or for any other account."""
    if not settings.DEMO or user.get_username() not in {login.username for login in demo.logins()}:
        return ""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return ""
    secret = get_adapter().decrypt(app.data["secret"])
    _, *soon = (format_hotp_value(hotp_value(secret, counter)) for counter in yield_hotp_counters_from_time())
    unused = (code for code in soon if not cache.get(app.wrap()._get_used_cache_key(code)))
    return next(unused, soon[0])


urlpatterns = [
    path(
        "accounts/",
        include(
            [
                path("login/", Login.as_view(), name="account_login"),
                path("logout/", account.logout, name="account_logout"),
                path("inactive/", account.account_inactive, name="account_inactive"),
                path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
                path("password/change/", account.password_change, name="account_change_password"),
                path("code/", Code.as_view(), name="mfa_authenticate"),
                path("code/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
                path("code/set-up/", SetUp.as_view(), name="mfa_activate_totp"),
                path("recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
                path("recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
                path("recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
            ]
        ),
    )
]
