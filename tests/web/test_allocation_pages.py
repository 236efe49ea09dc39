"""The page on arm and kits: a pharmacist records, sees and corrects; to everybody else there is no such page."""

import html
import re

import pytest

from asklepion.core.access import Role
from asklepion.core.entries import ArmAssigned, Dispensed
from asklepion.flows import facts as room
from asklepion.record import ledger
from small_visits import FACTS

pytest_plugins = ("small_visits",)
COURSE = "AK-0001"
AT = f"/courses/{COURSE}/allocation/"
KIT = {"do": "kit", "kit-visit": "session", "kit-kit": "zqkit-17", "kit-content": "zqcontent"}


def text(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def form_id(client, which):
    return re.search(rf'name="{which}-id" value="([^"]+)"', client.get(AT).content.decode())[1]


@pytest.fixture
def pharmacy(clinic, client_as):
    return client_as(Role.PHARMACIST)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PHARMACIST])
def test_to_everybody_else_it_does_not_exist_and_nothing_tells_of_it(clinic, client_as, pharmacy, role):
    pharmacy.post(AT, {"do": "arm", "arm-id": form_id(pharmacy, "arm"), "arm-arm": "one"})
    pharmacy.post(AT, KIT | {"kit-id": form_id(pharmacy, "kit")})
    before = clinic.chart().seq
    assert before == 3
    client = client_as(role, course=COURSE if role is Role.PARTICIPANT else "")
    for method in (client.get, client.post, client.head, client.put):
        assert method(AT).status_code == method("/courses/AK-9999/allocation/").status_code == 404
        assert method(AT).content == method(AT.replace("allocation", "nowhere")).content
    assert client.post(AT, KIT | {"kit-id": ledger.new_id()}).status_code == 404
    assert clinic.chart().seq == before
    for address in (f"/courses/{COURSE}/", f"/courses/{COURSE}/ledger/", f"/courses/{COURSE}/visits/session/"):
        page = client.get(address).content.decode()
        for told in ("zqkit", "zqcontent", "allocation", "Arm and kits", "Arm that nobody may see", "dispens"):
            assert told not in page, (address, told)
    for seq in (2, 3):
        for address in (f"/courses/{COURSE}/ledger/{seq}/", f"/courses/{COURSE}/ledger/{seq}/correct/"):
            assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_an_arm_is_recorded_once(clinic, pharmacy):
    page = text(pharmacy.get(AT))
    assert "No arm is recorded" in page
    assert f"Look up {COURSE} on the sealed list" in page
    assert f'href="{AT}"' in pharmacy.get(f"/courses/{COURSE}/").content.decode()
    given = {"do": "arm", "arm-id": form_id(pharmacy, "arm"), "arm-arm": "two"}
    for _ in range(2):
        assert pharmacy.post(AT, given).url == AT
    answer = pharmacy.get(AT)
    assert "The other arm , recorded 20 Nov 2026" in text(answer)
    assert "Record the arm" not in text(answer)
    for address in (f"/courses/{COURSE}/ledger/2/", f"/courses/{COURSE}/ledger/2/correct/"):
        assert f'href="{address}"' in answer.content.decode()
        assert pharmacy.get(address).status_code == 200
    refused = pharmacy.post(AT, {"do": "arm", "arm-id": ledger.new_id(), "arm-arm": "one"})
    assert refused.status_code == 422
    assert "An arm is recorded already, as entry 2." in text(refused)
    assert re.search(r'value="one"[^>]*checked', refused.content.decode())
    assert [each.entry for each in clinic.chart().of(ArmAssigned)] == [ArmAssigned("two")]


@pytest.mark.django_db
def test_a_wrong_arm_is_corrected_through_the_ledger(clinic, pharmacy):
    pharmacy.post(AT, {"do": "arm", "arm-id": form_id(pharmacy, "arm"), "arm-arm": "two"})
    pharmacy.post(f"/courses/{COURSE}/ledger/2/correct/", {"how": "retract", "reason": "zqreason"})
    assert "No arm is recorded" in text(pharmacy.get(AT))
    pharmacy.post(AT, {"do": "arm", "arm-id": form_id(pharmacy, "arm"), "arm-arm": "one"})
    assert [each.entry for each in clinic.chart().of(ArmAssigned)] == [ArmAssigned("one")]


@pytest.mark.django_db
def test_a_kit_is_saved_once_and_listed_with_its_entry(clinic, pharmacy):
    assert "Session 1 none recorded" in text(pharmacy.get(AT))
    given = KIT | {"kit-id": form_id(pharmacy, "kit")}
    for _ in range(2):
        assert pharmacy.post(AT, given).url == AT
    answer = pharmacy.get(AT)
    assert "Session 1 zqkit-17 zqcontent 20 Nov 2026" in text(answer)
    assert f'href="/courses/{COURSE}/ledger/2/"' in answer.content.decode()
    assert "none recorded" not in text(answer)
    assert [each.entry for each in clinic.chart().of(Dispensed)] == [Dispensed("session", "zqkit-17", "zqcontent")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kit-visit": "talk"}, "talk"),
        ({"kit-visit": ""}, "Choose a visit."),
        ({"kit-kit": ""}, "Type what stands on the kit."),
        ({"kit-kit": "K-1"}, "This kit is recorded already, as entry 2."),
        ({"kit-content": " "}, "Type what the sealed list says that it holds."),
        ({"kit-content": "y" * 201}, "at most 200"),
        ({"kit-id": "x"}, "This form is damaged."),
    ],
)
def test_a_refused_kit_keeps_what_was_typed(clinic, pharmacy, changed, said):
    ledger.append(COURSE, Dispensed("session", "K-1", "c"), clinic.by(Role.PHARMACIST))
    given = KIT | {"kit-id": ledger.new_id()} | changed
    answer = pharmacy.post(AT, given)
    assert answer.status_code == 422
    assert said in text(answer)
    page = answer.content.decode()
    assert 'role="alert"' in page
    for field in ("kit-kit", "kit-content"):
        assert given[field].strip() in page
    if "kit-visit" not in changed:
        assert re.search(r'value="session"[^>]*selected', page)
    assert "id_arm-arm_error" not in page, "the other form has no part in it"
    assert len(clinic.chart().of(Dispensed)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["\0", "a\0b", "x" * 9000, "<script>zq</script>\"'", "\u202e\ufeff\U0001f600", "=1+1"])
def test_garbage_is_no_fault_of_the_server_and_no_script(clinic, pharmacy, bad):
    for field in ("kit-id", "kit-visit", "kit-kit", "kit-content"):
        answer = pharmacy.post(AT, KIT | {"kit-id": ledger.new_id()} | {field: bad})
        assert answer.status_code in (302, 422), field
        assert "<script>zq" not in answer.content.decode()
    for field in ("arm-id", "arm-arm"):
        assert (
            pharmacy.post(AT, {"do": "arm", "arm-id": ledger.new_id(), "arm-arm": "one", field: bad}).status_code == 422
        )
    assert "<script>zq" not in pharmacy.get(AT).content.decode()
    assert clinic.chart().of(ArmAssigned) == ()


@pytest.mark.django_db
def test_a_form_of_neither_kind_saves_nothing(clinic, pharmacy):
    for do in ("", "both", "\0"):
        assert pharmacy.post(AT, {"do": do, "arm-arm": "one"}).status_code == 422
    assert clinic.chart().seq == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", [("blinded: true", "blinded: false"), None])
def test_without_blinding_there_is_no_page_and_no_way_to_it(clinic, pharmacy, monkeypatch, tmp_path, change):
    whole = (FACTS / "small.yaml").read_text("utf-8")
    (tmp_path / "small.yaml").write_text(whole.replace(*change) if change else whole, "utf-8")
    monkeypatch.setenv("ASKLEPION_FACTS", str(tmp_path))
    room.corpus.cache_clear()
    room.facts.cache_clear()
    blinded = change is None
    assert room.facts().protocols["small"].blinded is blinded
    answer = pharmacy.get(f"/courses/{COURSE}/")
    assert answer.status_code == 200
    assert ("Arm and kits" in text(answer)) is blinded
    assert pharmacy.get(AT).status_code == (200 if blinded else 404)
    assert pharmacy.post(AT, {"do": "arm", "arm-arm": "one"}).status_code == (422 if blinded else 404)
    assert clinic.chart().seq == 1


@pytest.mark.journey
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1440])
def test_it_is_readable_and_works_by_hand(clinic, browser_page, login_as, axe, no_sideways_scroll, width, tmp_path):
    page = browser_page(width)
    login_as(page, Role.PHARMACIST)

    def look(name):
        axe(page)
        no_sideways_scroll(page)
        page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)

    page.goto(f"/courses/{COURSE}/")
    look("chart")
    page.get_by_role("link", name="Arm and kits").click()
    look("empty")
    page.get_by_role("button", name="Record the arm").click()
    page.get_by_text("Choose the arm that the sealed list says.").first.wait_for()
    look("refused")
    page.get_by_label("Arm that nobody may see").check()
    page.get_by_role("button", name="Record the arm").click()
    page.get_by_text("It is recorded once.").wait_for()
    page.get_by_label("For the visit").select_option("session")
    page.get_by_label("Number of the kit").fill("K-0017-" + "0123456789" * 5)
    page.get_by_label("What it holds").fill("Capsules as the sealed list says it, forty of them")
    page.get_by_role("button", name="Record the kit").click()
    page.get_by_role("link", name="seq 3").wait_for()
    look("recorded")
    page.get_by_role("link", name="seq 3").click()
    assert page.url.endswith(f"/courses/{COURSE}/ledger/3/")
