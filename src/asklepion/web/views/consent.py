"""Consent: the participant's own page, the clinic's page, and every version of every document."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from asklepion.core.access import Role
from asklepion.core.errors import BadInput, IdReused, NotAllowed, ProofFailed, UnknownId
from asklepion.core.values import ConsentState
from asklepion.flows import consent as flow
from asklepion.flows.consent_state import Page
from asklepion.flows.describe import describe
from asklepion.flows.facts import facts
from asklepion.record import clock
from asklepion.web import proof
from asklepion.web.access import ROUTES
from asklepion.web.consent_forms import Answers, OwnSignature, Withdrawal
from asklepion.web.request import Request
from asklepion.web.screening_forms import Proof, show

_REFUSALS = (BadInput, NotAllowed, IdReused)
_STATES = {
    ConsentState.NEVER_SIGNED: ("due", "Not signed"),
    ConsentState.AWAITS_COUNTERSIGNATURE: ("due", "Waits for countersignature"),
    ConsentState.IN_FORCE: ("done", "In force"),
    ConsentState.SIGN_AGAIN: ("blocked", "Must sign again"),
    ConsentState.WITHDRAWN: ("blocked", "Withdrawn"),
}


@require_GET
def consent(request: Request, code: str) -> HttpResponse:
    """Show how consent of one course stands."""
    return _staff_page(request, _page(request, code), Proof(), Withdrawal())


@require_POST
@sensitive_post_parameters("password")
def countersign(request: Request, code: str) -> HttpResponse:
    """Countersign the participant's signature after proving who it is."""
    page = _page(request, code)
    form = Proof(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            proof.refuse_when_locked(request, request.author.account)
            flow.countersign(code, by=request.author, entry=request.POST.get("entry", ""), **given)
        except ProofFailed as refused:
            proof.count_failure(request, request.author.account)
            form.add_error("password", str(refused))
        except _REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, "Countersigned. Consent is in force.")
            return redirect("consent", code=code)
    return _staff_page(request, page, form, Withdrawal(), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: Request, code: str) -> HttpResponse:
    """Record that a person told the clinic that they withdraw. An address that was only opened leads to the page."""
    page = _page(request, code)
    if request.method != "POST":
        return redirect("consent", code=code)
    form = Withdrawal(request.POST)
    if form.is_valid():
        try:
            flow.withdraw(code, form.cleaned_data["scope"], by=request.author, id=form.cleaned_data["id"])
        except _REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, "The withdrawal is recorded. It holds from now on.")
            return redirect("consent", code=code)
    return _staff_page(request, page, Proof(), form, status=422)


@require_GET
def consent_versions(request: Request) -> HttpResponse:
    """Show every document, its versions, and who must sign again."""
    found = flow.versions(request.reader, on=clock.today())
    return render(request, "asklepion/consent_versions.html", {"documents": found, "here": "consent"})


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def my_consent(request: Request) -> HttpResponse:
    """Let a participant read, answer, sign and withdraw, on their own course only."""
    page = _page(request, request.reader.course)
    if request.method == "GET":
        return _own_page(request, page)
    match request.POST.get("do"):
        case "withdraw":
            return _withdraw_own(request, page)
        case "sign" if page.document and page.may_sign:
            return _sign_own(request, page)
        case "check" if page.document and page.may_sign:
            return _check_own(request, page)
        case _:
            return redirect("my_consent")


def _check_own(request: Request, page: Page) -> HttpResponse:
    """Look at the answers. All right leads on to the signature; what is not leads back to its section."""
    assert page.document is not None  # my_consent asks
    answers = Answers(page.document, request.POST)
    if not answers.is_valid():
        return _own_page(request, page, answers, status=422)
    checked = flow.check(page.course, answers.choices(), by=request.author)
    if checked.right:
        return _own_page(request, page, answers, signature=OwnSignature())
    return _own_page(request, page, _with_faults(answers, checked), checked=checked, status=422)


def _sign_own(request: Request, page: Page) -> HttpResponse:
    assert page.document is not None  # my_consent asks
    answers, form = Answers(page.document, request.POST), OwnSignature(request.POST)
    same = request.POST.get("version") == page.document.version
    if not answers.is_valid() or not same:
        return _own_page(request, page, answers, changed=not same, status=422)
    checked = flow.check(page.course, answers.choices(), by=request.author)
    if not checked.right:
        return _own_page(request, page, _with_faults(answers, checked), checked=checked, status=422)
    if form.is_valid():
        try:
            proof.refuse_when_locked(request, request.author.account)
            flow.prove_and_sign(
                page.course,
                by=request.author,
                document=page.document.document,
                version=page.document.version,
                choices=answers.choices(),
                **form.cleaned_data,
            )
        except ProofFailed as refused:
            proof.count_failure(request, request.author.account)
            form.add_error("password", f"{refused.what.replace('Name or password', 'The password')} Type it again.")
        except _REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, "You have signed. A physician signs next, after talking with you.")
            return redirect("my_consent")
    return _own_page(request, page, answers, signature=form, status=422)


def _withdraw_own(request: Request, page: Page) -> HttpResponse:
    form = Withdrawal(request.POST)
    if form.is_valid():
        try:
            flow.withdraw(page.course, form.cleaned_data["scope"], by=request.author, id=form.cleaned_data["id"])
        except _REFUSALS as refused:
            show(form, refused)
        else:
            messages.success(request, "You have withdrawn. It holds from now on. Nobody may hold it against you.")
            return redirect("my_consent")
    return _own_page(request, page, withdrawal=form, status=422)


def _with_faults(answers: Answers, checked: flow.Checked) -> Answers:
    for question in checked.unanswered:
        answers.add_error(f"q-{question.id}", "This question has no answer yet. Choose one.")
    for question, part in checked.wrong:
        words = f"Read part {part.number} once more, then choose again." if part else "Choose again."
        answers.add_error(f"q-{question.id}", f"This is not it yet. {words}")
    return answers


def _own_page(
    request: Request,
    page: Page,
    answers: Answers | None = None,
    *,
    checked: flow.Checked | None = None,
    signature: OwnSignature | None = None,
    withdrawal: Withdrawal | None = None,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    document = page.document
    answers = answers or (Answers(document) if document and page.may_sign else None)
    again = {question.id: part for question, part in checked.wrong} if checked else {}
    questions = (
        [(answers[f"q-{each.id}"], again.get(each.id)) for each in document.questions] if document and answers else []
    )
    here = {
        "page": page,
        "state": _state(page),
        "answers": answers,
        "questions": questions,
        "signature": signature,
        "withdrawal": withdrawal or Withdrawal(),
        "changed": changed,
    }
    return render(request, "asklepion/my_consent.html", here, status=status)


def _staff_page(
    request: Request, page: Page, form: Proof, withdrawal: Withdrawal, *, status: int = 200
) -> HttpResponse:
    role = Role(request.reader.role)
    awaited = page.document.countersigned_by if page.document else ()
    here: dict[str, Any] = {
        "here": "caseload",
        "page": page,
        "state": _state(page),
        "acts": [(act, describe(act.recorded, facts())) for act in page.acts],
        "form": form,
        "withdrawal": withdrawal,
        "may_countersign": role in ROUTES["consent_countersign"] and str(role) in awaited,
        "may_withdraw": role in ROUTES["consent_withdraw"] and page.may_withdraw,
        "awaited": " and ".join(each.replace("_", " ") for each in awaited),
        "printed_name": getattr(request.user, "printed_name", ""),
    }
    return render(request, "asklepion/consent.html", here, status=status)


def _state(page: Page) -> tuple[str, str]:
    return _STATES[page.status.state] if page.status else ("plain", "No document")


def _page(request: Request, code: str) -> Page:
    try:
        return flow.page(code, request.reader, on=clock.today())
    except UnknownId as unknown:
        raise Http404 from unknown


urlpatterns = [
    path("courses/<str:code>/consent/", consent, name="consent"),
    path("courses/<str:code>/consent/countersign/", countersign, name="consent_countersign"),
    path("courses/<str:code>/consent/withdraw/", withdraw, name="consent_withdraw"),
    path("consent/", consent_versions, name="consent_versions"),
    path("me/consent/", my_consent, name="my_consent"),
]
