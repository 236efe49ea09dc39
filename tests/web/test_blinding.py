"""Blinding: words that stand in confidential entries only are looked for in everything that each role can reach."""

import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from house import (
    ALLOCATION,
    DAYS,
    OPEN_TO_CARE,
    SEALED_ANSWERS,
    SEALED_TOTAL,
    TREATMENT,
    House,
    address,
    all_of,
    at_day,
    by,
    house,  # noqa: F401
    make_account,
    plain,
    routes,
    signed_in,
    undone,
)

from asklepion.core import scoring
from asklepion.core.access import Role
from asklepion.core.entries import (
    AdverseEvent,
    ArmAssigned,
    CourseOpened,
    Dispensed,
    DoseGiven,
    Note,
    Retracted,
    VisitHeld,
)
from asklepion.core.errors import GateShut
from asklepion.flows import audit, ratings, visits
from asklepion.flows.facts import facts
from asklepion.flows.scales import category_words
from asklepion.record import clock, ledger
from asklepion.record import ratings as record
from asklepion.record.ledger import Author
from asklepion.record.reading import Reader
from asklepion.web.access import ROUTES

pytestmark = pytest.mark.django_db

PARTS = ("zqar", "zqki", "zqcont", "zqter", "zqnot", "zqvis", "zqmed", str(SEALED_TOTAL), "sealed", "caps", "111")
"""What is searched for: never a whole canary, since a page repeats what was typed."""
NOT_A_DAY = "2026-13-45"


def everything(house: House, role: Role, client: Client | None = None) -> Iterator[tuple[str, str]]:  # noqa: F811
    """Yield all that a role can reach: every route of its own, every entry and visit, searches, exports, bad forms.

    What the table keeps from a role answers as what does not exist: test_access.py compares all of that.
    """
    client = client or house.client(role)
    own = {address(name, house) for name in routes() if role in ROUTES.get(name, ())}
    own -= {address(name, house) for name in ("sign_out_everywhere", "home")}
    for at in sorted(own | _further(house, role)):
        yield f"get {at}", all_of(client.get(at))
    for at in sorted(own):
        for method in (client.head, client.options):
            yield f"{method.__name__} {at}", all_of(method(at))
        with undone(client):
            yield f"post {at}", all_of(client.post(at, BAD))


BAD = {"because": "", "answer": "x", "which": "caps-5", "reason": "", "version": "0", "do": "sign", "how": "amend"}


def _further(house: House, role: Role) -> set[str]:  # noqa: F811
    """Return what stands in no link: each entry and visit by number, searches, other scales and days."""
    first = house.first
    found = {f"/ratings/{token}/{page}/" for token in (house.done_token, "f" * 32) for page in ("1", "check", "done")}
    found |= {f"/outcomes/?of=small/{scale}&people={who}" for scale in ("caps-5", "pcl-5") for who in ("", "simulated")}
    found |= {reverse("chart", args=[house.second]), reverse("ledger_export", args=[house.second])}
    found |= {f"{reverse(at)}?q={part}" for at in ("caseload", "ratings", "outcomes") for part in ("AK", "zqmed")}
    found |= {f"{reverse(at)}?as=csv" for at in ("caseload", "ratings", "outcomes")}
    if role not in ROUTES["ledger"]:
        return found | {reverse(at, args=[first]) for at in ("chart", "ledger", "ledger_export", "trajectory")}
    found |= {f"{reverse('ledger', args=[first])}?{more}" for more in ("show=corrections", "show=signatures")}
    found |= {f"{reverse('ledger', args=[first])}?q={part}" for part in PARTS}
    found |= {reverse("entry", args=[first, seq]) for seq in range(1, 22)}
    found |= {reverse("correct", args=[first, seq]) for seq in range(1, 22)}
    found |= {reverse("visit", args=[first, visit]) for visit in ("talk", "calls", "later", "unscheduled")}
    found |= {reverse("visit", args=[house.second, "session"]), reverse("screening", args=[house.second])}
    for at in ("trajectory", "scores_csv"):
        found |= {f"{reverse(at, args=[first])}?scale={scale}" for scale in ("caps-5", "pcl-5", "phq-9", "none")}
    found |= {reverse("scale_item", args=[first, "caps-5", visit, 1]) for visit in ("talk", "unscheduled")}
    return found | {f"{reverse('screening', args=[first])}?on={on}" for on in ("2026-11-05", NOT_A_DAY)}


def words(text: str) -> str:
    """Return what a page says, without its tags: coordinates of a drawing are no numbers of a person."""
    return re.sub(r"<[^>]*>", " ", text)


def tells(text: str, canary: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(canary)}(?:\.0+)?(?!\w|\.\d)", text) is not None


def assert_silent(found: Iterator[tuple[str, str]], canaries: tuple[str, ...], *, sealed: bool) -> str:
    """Fail where anything holds a canary, or the sealed number and its categories; return all of it together."""
    categories = sealed_words() if sealed else ()
    whole = []
    for where, text in found:
        said = words(text)
        whole.append(said)
        for canary in canaries:
            assert not tells(text, canary), f"{canary} at {where}"
        if sealed:
            body = said.split("\n\n", 1)[-1]
            assert not tells(re.sub(r"Content-Length: \d+|entry \d+|n=\d+", "", body), str(SEALED_TOTAL)), where
        for category in categories:
            assert category not in said, f"{category} at {where}"
    return "\n".join(whole)


def sealed_words() -> tuple[str, ...]:
    scale = facts().scales["caps-5"]
    return category_words(scale, scoring.entry(scale, SEALED_ANSWERS, visit="talk", sealed=True))


def test_a_rater_learns_nothing_of_treatment_wherever_they_look(house):  # noqa: F811
    found = list(everything(house, Role.RATER))
    nothing = (*ALLOCATION, *TREATMENT, *OPEN_TO_CARE, *DAYS)
    whole = assert_silent(iter(found), nothing, sealed=True)
    assert house.second in whole, "the rater does see the interview that is due"
    assert "is sealed" in whole, "and the one that they handed in"


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR, Role.MEDICAL_MONITOR, Role.PHARMACIST]
)
def test_those_who_treat_never_see_a_sealed_result(house, role):  # noqa: F811
    hidden = () if role is Role.PHARMACIST else ALLOCATION
    whole = assert_silent(everything(house, role), (*hidden, house.hidden["sealed"].id, "zqdevice"), sealed=True)
    for canary in ("zqterm", "zqnote", "zqmedicine", "111 mg"):
        assert canary in whole, "they see the treatment; without this the test looks at nothing"
    for canary in ALLOCATION:
        assert (canary in whole) is (role is Role.PHARMACIST), canary
    assert ("zqperson" in whole) is (role in (Role.COORDINATOR, Role.PHYSICIAN)), "who a code is, for two roles only"
    assert ("Arm and kits" in whole) is (role is Role.PHARMACIST), "nor does anything tell of that page"


def test_an_auditor_reads_sealed_results_and_treatment_and_no_allocation(house):  # noqa: F811
    whole = assert_silent(everything(house, Role.AUDITOR), (*ALLOCATION, "zqperson"), sealed=False)
    assert tells(whole, str(SEALED_TOTAL))
    assert "zqterm" in whole
    assert "zqnote" in whole


def test_a_statistician_sees_sealed_values_and_nothing_of_treatment(house):  # noqa: F811
    nothing = (*ALLOCATION, *TREATMENT, *OPEN_TO_CARE)
    whole = assert_silent(everything(house, Role.STATISTICIAN), nothing, sealed=False)
    assert tells(whole, str(SEALED_TOTAL)), "the mean of one"


@pytest.mark.parametrize("username", ["participant-one", "participant-second"])
def test_a_participant_sees_no_arm_no_dose_and_no_note(house, username):  # noqa: F811
    other = house.second if username == "participant-one" else house.first
    nothing = (*ALLOCATION, *TREATMENT, "zqcontact", "zqmissed")
    whole = assert_silent(everything(house, Role.PARTICIPANT, signed_in(username)), nothing, sealed=True)
    assert not tells(whole, other)


def test_an_administrator_sees_no_chart_at_all(house):  # noqa: F811
    nothing = (*ALLOCATION, *TREATMENT, *OPEN_TO_CARE, *DAYS)
    assert_silent(everything(house, Role.ADMINISTRATOR), nothing, sealed=True)


def test_a_gate_that_rests_on_a_sealed_number_does_not_print_it(house):  # noqa: F811
    """The gate before the session asks for at least 20; the number is sealed for who is refused."""
    with undone(), at_day(4):
        code = "AK-0044"
        ledger.open_course(CourseOpened("small", "1", "S1", True), by=by(Role.PHYSICIAN), code=code)
        caps = facts().scales["caps-5"]
        low = {str(number): 1 if number <= 17 else 0 for number in range(1, 21)}
        entry = scoring.entry(caps, low, visit="talk", sealed=True, source="clinician")
        assert entry.scores[0].value == 17
        ledger.append(code, entry, by(Role.RATER))
        ledger.append(code, VisitHeld("talk", clock.now()), by(Role.FACILITATOR))
        client = house.client(Role.FACILITATOR)
        for at in (reverse("chart", args=[code]), reverse("visit", args=[code, "session"])):
            page = words(plain(client.get(at)))
            assert "Interview at least 20" in page
            assert "not met" in page
            assert "sealed" in page
            assert not tells(page, "17"), at
        with pytest.raises(GateShut) as shut:
            visits.hold(code, "session", by=by(Role.FACILITATOR), started=clock.now())
        assert not tells(str(shut.value), "17")
        form = {"hold-id": ledger.new_id(), "hold-started": f"{clock.now():%Y-%m-%dT%H:%M}", "hold-how": "in_person"}
        refused = client.post(reverse("visit_hold", args=[code, "session"]), form)
        assert refused.status_code == 422
        assert "is blocked" in plain(refused)
        assert not tells(words(plain(refused)), "17")


def _course(code: str, arm: str, sessions: int, *, level_mg: float, events: int) -> None:
    """Let a person of the phase 3 protocol have some sessions. The baseline rating or the one after it is due."""
    plan = facts().protocols["mdma-ptsd-phase-3"]
    dosing = [visit.id for visit in plan.visits if visit.kind == "dosing"]
    with at_day(-20):
        ledger.open_course(CourseOpened(plan.id, plan.version, "S1", True), by=by(Role.COORDINATOR), code=code)
        ledger.append(code, ArmAssigned(arm), by(Role.PHARMACIST))
        ledger.append(code, VisitHeld("v2", clock.now()), by(Role.FACILITATOR))
        if sessions:
            caps = facts().scales["caps-5"]
            before = scoring.entry(caps, SEALED_ANSWERS, visit="v3", sealed=True, source="clinician")
            ledger.append(code, before, Author("rater-zero", Role.RATER))
    for number, visit in enumerate(dosing[:sessions]):
        with at_day(3 * number - 4):
            ledger.append(code, Dispensed(visit, f"K-{number}", arm), by(Role.PHARMACIST))
            ledger.append(code, VisitHeld(visit, clock.now()), by(Role.FACILITATOR))
            ledger.append(code, DoseGiven(visit, "initial", level_mg, "HCl"), by(Role.FACILITATOR))
            ledger.append(code, Note(f"After {visit}", visit), by(Role.FACILITATOR))
            for which in range(events):
                event = AdverseEvent(f"{code}{number}{which}", "Headache", 2, False, clock.today())
                ledger.append(code, event, by(Role.FACILITATOR))


def _pages(client: Client, code: str, token: str) -> list[str]:
    """Return all that a rater sees of one interview, from the list to the end, but for its code and token."""
    page = client.get(reverse("ratings"))
    found = [line.split("</li>")[0] for line in plain(page).split("<li>") if code in line]
    item = [reverse("rating_item", args=[token, number]) for number in range(1, 32)]
    check, done, not_done = (reverse(f"rating_{name}", args=[token]) for name in ("check", "done", "not_done"))
    for at in (*item, check, done, not_done, f"/ratings/{token}/99/"):
        for answer in (client.get(at), client.post(at, {"answer": "9", "because": ""}), client.head(at)):
            found.append(all_of(answer))
    for at in item:
        client.post(at, {"answer": "1"})
    for answer in (client.get(check), client.post(check), client.get(done), client.get(item[0]), client.get(check)):
        found.append(all_of(answer))
    found.append(all_of(client.post(item[0], {"answer": "1"})))
    return [_without_own(text, code, token) for text in found]


def _without_own(text: str, code: str, token: str) -> str:
    text = text.replace(code, "CODE").replace(token, "TOKEN")
    text = re.sub(r"(Expires: |expires=)[^\n;]+", r"\1", text)
    return re.sub(r"(csrftoken|sessionid)=\w+", r"\1=", text)


def test_two_courses_that_differ_in_treatment_only_are_the_same_to_a_rater(house):  # noqa: F811
    with undone():
        _course("AK-7001", "placebo", 0, level_mg=80, events=0)
        _course("AK-7002", "mdma", 3, level_mg=120, events=4)
        reader = Reader(Role.RATER, house.people[Role.RATER])
        tokens = {each.course: each.token for each in ratings.due(reader, on=clock.today())}
        seen = [_pages(house.client(Role.RATER), code, tokens[code]) for code in ("AK-7001", "AK-7002")]
        assert len(seen[0]) > 100
        assert seen[0][0].count("CODE") == 2
        assert any("It is handed in" in page for page in seen[0])
        for one, other in zip(*seen, strict=True):
            assert one == other


def _allocated(client: Client, code: str, *, arm: str, content: str) -> None:
    """Let a pharmacist record arm and kit by the page, in a course that is the same as any other."""
    with at_day(0):
        ledger.open_course(CourseOpened("small", "1", "S1", True), by=by(Role.COORDINATOR), code=code)
    page = reverse("allocation", args=[code])
    kit = {"kit-visit": "session", "kit-kit": "zqkit", "kit-content": content}
    for do, typed in (("arm", {"arm-arm": arm}), ("kit", kit)):
        assert client.post(page, {"do": do, f"{do}-id": ledger.new_id(), **typed}).status_code == 302
    ledger.append(code, Note("After it", "session"), by(Role.FACILITATOR))


def _masked(client: Client, at: str, code: str) -> str:
    """Return a page but for the code, and the hashes and ids that differ between any two courses."""
    hidden = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}", "ID", plain(client.get(at)))
    return re.sub(r"[0-9a-f]{4}( [0-9a-f]{4})+", "HASH", hidden).replace(code, "CODE")


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR, Role.MEDICAL_MONITOR, Role.AUDITOR, Role.PHARMACIST]
)
def test_two_courses_that_differ_in_their_arm_only_are_the_same_to_all_but_a_pharmacist(house, role):  # noqa: F811
    with undone():
        pharmacy = house.client(Role.PHARMACIST)
        _allocated(pharmacy, "AK-7101", arm="one", content="zqfirst")
        _allocated(pharmacy, "AK-7102", arm="two", content="zqsecond, a longer one")
        client = house.client(role)
        names = ("chart", "course_table", "ledger", "ledger_export", "screening", "consent", "trajectory", "allocation")
        differ = set()
        for name in (*names, "visit", "person"):
            if role not in ROUTES[name]:
                continue
            more = ["session"] if name == "visit" else []
            one, other = (_masked(client, reverse(name, args=[code, *more]), code) for code in ("AK-7101", "AK-7102"))
            differ |= {name} if one != other else set()
        assert differ == ({"ledger", "ledger_export", "allocation"} if role is Role.PHARMACIST else set())


def test_the_order_of_interviews_follows_a_key_and_nothing_of_a_course(house, settings):  # noqa: F811
    codes = [f"AK-8{number:03d}" for number in range(9)]
    with undone():
        for number, code in enumerate(codes):
            _course(code, "mdma", number % 4, level_mg=80, events=number)
        reader = Reader(Role.RATER, house.people[Role.RATER])
        orders = set()
        for key in ("one key", "another key", "a third key"):
            settings.PEOPLE_KEY = key
            due = ratings.due(reader, on=clock.today())
            assert [each.token for each in due] == sorted(each.token for each in due)
            orders.add(tuple(each.course for each in due if each.course in codes))
        assert len(orders) == 3
        assert tuple(codes) not in orders


def test_what_exists_and_what_does_not_cost_a_rater_the_same_work(house):  # noqa: F811
    with undone():
        make_account("rater-two", Role.RATER)
        for client in (house.client(Role.RATER), signed_in("rater-two")):
            client.get(reverse("ratings"))
            known = [record._hash(house.second, "caps-5", "later"), record._hash(house.first, "pcl-5", "talk")]
            counts = set()
            for token in (*known, "f" * 32, "nonsense", "é" * 8, "x" * 3000):
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(f"/ratings/{token}/1/").status_code == 404
                counts.add(len(queries))
            assert len(counts) == 1
        other = signed_in("rater-two")
        assert other.get(f"/ratings/{house.done_token}/1/").status_code == 404, "another rater's is not theirs"
        counts = set()
        for code in (house.first, "AK-9999"):
            with CaptureQueriesContext(connection) as queries:
                assert other.get(f"/courses/{code}/").status_code == 404
            counts.add(len(queries))
        assert len(counts) == 1


def test_a_hidden_entry_and_none_cost_the_same_work(house):  # noqa: F811
    client = house.client(Role.FACILITATOR)
    client.get(reverse("ledger", args=[house.first]))
    counts = set()
    for seq in (house.hidden["sealed"].seq, house.hidden["arm AK-0001"].seq, 999):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("entry", args=[house.first, seq])).status_code == 404
        counts.add(len(queries))
    assert len(counts) == 1


def test_an_interview_is_named_by_an_id_that_nobody_can_guess(house):  # noqa: F811
    """A plain hash of course, scale and visit would tell a reader that it exists, and let them take it first."""
    with undone():
        now = ledger.one_id(house.first, "caps-5", "talk", "0")
        assert now == ledger.one_id(house.first, "caps-5", "talk", "0")
        assert now != ledger.one_id(house.first, "caps-5", "talk", "1")
    with override_settings(PEOPLE_KEY="another"):
        assert ledger.one_id(house.first, "caps-5", "talk", "0") != now


def test_counts_and_exports_are_of_what_a_reader_may_see(house):  # noqa: F811
    for role, seen in ((Role.FACILITATOR, 3), (Role.PHARMACIST, 1), (Role.AUDITOR, 2)):
        reader = Reader(role, "x")
        preface, *lines = map(json.loads, audit.export(house.first, reader))
        hidden = {each.seq for name, each in house.hidden.items() if each.course == house.first}
        assert (
            preface["entries"] == len(lines) == max(each["seq"] for each in lines) + (role is not Role.AUDITOR) - seen
        )
        assert preface["whole"] is False
        assert not ({each["seq"] for each in lines} & hidden) or role in (Role.PHARMACIST, Role.AUDITOR)
        page = audit.page(house.first, reader)
        assert {each.recorded.seq for each in page.lines} <= {each["seq"] for each in lines}


def test_a_sealed_scale_is_sealed_outside_the_plan_too(house):  # noqa: F811
    """A facilitator cannot record an open CAPS-5 beside the rater's."""
    client = house.client(Role.FACILITATOR)
    at = reverse("scale_item", args=[house.first, "caps-5", "unscheduled", 1])
    assert client.get(at).status_code == 404


def test_a_correction_is_never_more_open_than_what_it_corrects(house):  # noqa: F811
    with undone(), at_day(19):
        rater = Author(house.people[Role.RATER], Role.RATER)
        receipt = ledger.append(
            house.first, Retracted(), rater, corrects=house.hidden["sealed"].id, reason="zqreason wrong person"
        )
        assert receipt.seq > house.hidden["sealed"].seq
        for role in (Role.FACILITATOR, Role.PHARMACIST):
            client = house.client(role)
            for at in (reverse("ledger", args=[house.first]), reverse("ledger_export", args=[house.first])):
                assert "zqreason" not in plain(client.get(at))
            assert client.get(reverse("entry", args=[house.first, receipt.seq])).status_code == 404
