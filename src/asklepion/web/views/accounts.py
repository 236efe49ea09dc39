"""Accounts: the administrator's list, and everybody's own page."""

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from asklepion.core.access import Role
from asklepion.core.errors import BadInput, UnknownId
from asklepion.flows import accounts as flow
from asklepion.web.forms import NewAccount, NewPassword
from asklepion.web.request import Request


def accounts(request: Request) -> HttpResponse:
    """List every account with what the administrator can do."""
    return render(request, "asklepion/accounts.html", {"accounts": flow.everyone(), "here": "accounts"})


@sensitive_post_parameters("password")
def account_new(request: Request) -> HttpResponse:
    """Make an account."""
    form = NewAccount(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            flow.create(
                given["username"],
                Role(given["role"]),
                printed_name=given["printed_name"],
                password=given["password"],
                course=given["course"],
            )
        except (BadInput, UnknownId) as refused:
            _show(form, refused)
        else:
            messages.success(request, f"{given['username']} can sign in now. Hand over the password in person.")
            return redirect("accounts")
    return render(request, "asklepion/account_new.html", {"form": form, "here": "accounts"}, status=_status(request))


@require_POST
def account_deactivate(request: Request, username: str) -> HttpResponse:
    """Close an account. Its sessions end at once; what it recorded stays."""
    try:
        flow.close(username, by=request.user.get_username())
    except UnknownId as unknown:
        raise Http404 from unknown
    except BadInput as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{username} is closed. What it recorded stays.")
    return redirect("accounts")


@sensitive_post_parameters("password")
def account_reset(request: Request, username: str) -> HttpResponse:
    """Give an account a new password and let it set up its code app anew."""
    if username not in {each.username for each in flow.everyone()}:
        raise Http404
    form = NewPassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            flow.reset(username, form.cleaned_data["password"], by=request.user.get_username())
        except BadInput as refused:
            _show(form, refused)
        else:
            messages.success(request, f"{username} has a new password and sets up the code app at the next sign-in.")
            return redirect("accounts")
    here = {"form": form, "username": username, "here": "accounts"}
    return render(request, "asklepion/account_reset.html", here, status=_status(request))


def own_account(request: Request) -> HttpResponse:
    """Show what somebody can do with their own account."""
    here = {"account": request.user, "role_word": request.reader.role.replace("_", " ")}
    return render(request, "asklepion/own_account.html", here)


@require_POST
def sign_out_everywhere(request: Request) -> HttpResponse:
    """End every session of this account, this one too."""
    flow.sign_out_everywhere(request.user.get_username())
    logout(request)
    messages.success(request, "You are signed out on every device.")
    return redirect("account_login")


def _show(form: forms.Form, refused: BadInput | UnknownId) -> None:
    form.add_error(refused.where if refused.where in form.fields else None, f"{refused.what} {refused.remedy}".strip())


def _status(request: Request) -> int:
    return 422 if request.method == "POST" else 200


urlpatterns = [
    path("staff/accounts/", accounts, name="accounts"),
    path("staff/accounts/new/", account_new, name="account_new"),
    path("staff/accounts/<str:username>/close/", account_deactivate, name="account_deactivate"),
    path("staff/accounts/<str:username>/password/", account_reset, name="account_reset"),
    path("accounts/", own_account, name="own_account"),
    path("accounts/everywhere/", sign_out_everywhere, name="sign_out_everywhere"),
]
