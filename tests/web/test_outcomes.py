"""Scores over time with gaps, band and sources, and outcomes of everybody in a protocol, under the reader's labels."""

import csv
import io

import pytest
from django.urls import reverse

from asklepion.core.access import Role
from asklepion.core.entries import AnswersGiven, Retracted
from asklepion.flows import outcomes
from asklepion.record import ledger, reading
from asklepion.record.reading import JUDGE
from check_in import MOODS, START, Walker, at_day, author, check_in, reader, whole_course, words  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_in")]


@pytest.fixture
def person(monkeypatch) -> Walker:
    return at_day(monkeypatch, 60, whole_course)


def page_of(client_as, person, role=Role.PHYSICIAN, query=""):
    return client_as(role).get(reverse("trajectory", args=[person.course]) + query)


def test_the_sentence_comes_first_and_says_what_the_change_is_worth(client_as, person):
    text = words(page_of(client_as, person))
    assert "4 now, 8 at baseline. The fall of 4 is larger than the 3 points" in text
    assert text.index("4 now") < text.index("The numbers")


@pytest.mark.parametrize(
    ("last", "said"), [(6, "is smaller than the 3 points"), (5, "is as large as the 3 points"), (4, "is larger than")]
)
def test_the_band_is_exact_at_its_edge(client_as, monkeypatch, last, said):
    person = at_day(monkeypatch, 60)
    person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    person.hold("intake", 4)
    person.hold("night", 18)
    person.hold("after", 25)
    person.answers("moods", "after", 25, {"1": last - 2, "2": 1, "3": 1}, Role.PARTICIPANT)
    assert said in words(page_of(client_as, person))


def test_every_number_leads_to_its_entry(client_as, person):
    page = page_of(client_as, person).content.decode()
    for each in reading.chart(person.course, reader(Role.PHYSICIAN)).of(AnswersGiven):
        assert reverse("entry", args=[person.course, each.seq]) in page


def test_a_missed_giving_is_a_gap_with_its_reason_and_no_line_crosses_it(client_as, person, monkeypatch):
    shown = outcomes.trajectory(person.course, reader(Role.PHYSICIAN), on=START.date().replace(month=5))
    assert [(gap.visit, gap.why) for gap in shown.gaps] == [("late", "The visit was held, but no answers are on file.")]
    assert "The visit was held, but no answers are on file." in words(page_of(client_as, person))


def test_a_line_is_broken_where_a_giving_between_is_missing(client_as, monkeypatch):
    person = at_day(monkeypatch, 60)
    person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
    for visit, day in (("intake", 4), ("night", 18), ("after", 25), ("late", 46)):
        person.hold(visit, day)
    person.answers("moods", "late", 46, {"1": 1, "2": 1, "3": 0}, Role.PARTICIPANT)
    page = page_of(client_as, person).content.decode()
    assert 'class="ln a"' not in page.split('class="narrow"')[0]
    assert "missing</text>" in page


def test_the_band_its_source_its_sample_and_its_confidence_stand_below(client_as, person):
    text = words(page_of(client_as, person))
    assert "Band: 3 points either side of the baseline, reliable change. Invented people." in text
    assert "Recalled" in text
    assert "Band of 5 points, minimal change." in text, "the other band on file is named, not drawn"
    assert "6 or more: many moods." in text


def test_the_table_and_the_csv_say_the_same(client_as, person):
    answer = client_as(Role.PHYSICIAN).get(reverse("scores_csv", args=[person.course]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["visit"], row["value"], row["state"]) for row in rows] == [
        ("intake", "8.0", "baseline, scored"),
        ("after", "4.0", "scored"),
        ("late", "", "missing"),
    ]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR, Role.MEDICAL_MONITOR])
def test_those_who_treat_see_a_sealed_scale_named_and_nothing_of_it(client_as, person, role):
    text = words(page_of(client_as, person, role, "?scale=held"))
    assert "Held is sealed" in text
    assert "Total" not in text
    assert "7 at" not in text
    answer = client_as(role).get(reverse("scores_csv", args=[person.course]) + "?scale=held")
    assert len(answer.content.decode().splitlines()) == 1


def test_a_sealed_scale_looks_the_same_whether_it_was_given_or_not(client_as, monkeypatch):
    person = at_day(monkeypatch, 60, whole_course)
    empty = Walker()
    for visit, day in (("intake", 4), ("night", 18), ("after", 25), ("late", 46)):
        empty.hold(visit, day)
    empty.answers("moods", "after", 25, MOODS, Role.PARTICIPANT)
    pages = [
        words(page_of(client_as, each, query="?scale=held")).replace(each.course, "CODE") for each in (person, empty)
    ]
    scrubbed = [page.split("Sign out")[1] for page in pages]
    assert scrubbed[0] == scrubbed[1]


def test_an_auditor_reads_what_is_sealed(client_as, person):
    assert "7 at the only reading." in words(page_of(client_as, person, Role.AUDITOR, "?scale=held"))


@pytest.mark.parametrize("scale", ["pcl-5", "nothing", "held%00"])
def test_a_scale_that_is_not_of_this_course_is_not_found(client_as, person, scale):
    assert page_of(client_as, person, query=f"?scale={scale}").status_code == 404


def test_a_retracted_score_leaves_the_line(client_as, person):
    entry = reading.entries(person.course, JUDGE, kinds=("answers_given",))[0]
    with person.on(47):
        ledger.append(person.course, Retracted(), author(Role.COORDINATOR), corrects=entry.id, reason="wrong person")
    assert "8 at the only reading. A change needs two." in words(page_of(client_as, person))


def test_a_scale_that_is_sorted_and_never_summed_shows_its_categories_and_no_line(client_as, person):
    person.answers("asks", "intake", 3, {"1": 1, "2": 1, "3": 0}, Role.FACILITATOR)
    page = page_of(client_as, person, query="?scale=asks")
    assert "Triage: High at the last giving. This scale is sorted, never summed." in words(page)
    assert '<svg viewBox="0 0 640' not in page.content.decode()
    answer = client_as(Role.PHYSICIAN).get(reverse("scores_csv", args=[person.course]) + "?scale=asks")
    assert "sorted,Triage: High" in answer.content.decode()


def cohort() -> list[Walker]:
    """Return five people: two fall by half or more, one does not, one gave nothing later, one has no baseline."""
    people = [Walker() for _ in range(5)]
    for person, first, last in zip(people, (8, 8, 8, 8, None), (4, 3, 5, None, 6), strict=True):
        if first is not None:
            person.answers("moods", "intake", 3, MOODS, Role.PARTICIPANT)
        for visit, day in (("intake", 4), ("night", 18), ("after", 25)):
            person.hold(visit, day)
        if last is not None:
            person.answers(
                "moods", "after", 25, {"1": min(last, 4), "2": last - min(last, 4), "3": 0}, Role.PARTICIPANT
            )
    return people


def test_responders_are_counted_by_every_definition_and_unknown_ones_apart(monkeypatch):
    at_day(monkeypatch, 60, cohort)
    found = outcomes.responders(reader(Role.STATISTICIAN), "check-in", "moods", simulated=True)
    after = next(visit for visit in found.visits if visit.visit == "after")
    counts = {each.rule.id: (each.responded, each.not_responded, each.unknown) for each in after.responses}
    assert counts == {"half": (2, 1, 2), "few": (1, 2, 2)}
    assert (after.n, after.mean) == (4, 4.5)
    assert (found.courses, found.without_baseline) == (5, 1)


def test_the_outcomes_page_says_n_share_and_what_is_not_known(client_as, monkeypatch):
    at_day(monkeypatch, 60, cohort)
    text = words(client_as(Role.STATISTICIAN).get(reverse("outcomes") + "?of=check-in/moods&people=simulated"))
    assert "Fall of half 2 3 67% 2" in text
    assert "1 without a baseline" in text
    assert "2 of 3 (67%) 2 not known" in text
    assert "Arm that nobody may see" not in text


def test_the_outcomes_are_handed_out_as_the_page_says_them(client_as, monkeypatch):
    at_day(monkeypatch, 60, cohort)
    address = reverse("outcomes") + "?of=check-in/moods&people=simulated&as=csv"
    rows = list(csv.DictReader(client_as(Role.STATISTICIAN).get(address).content.decode().splitlines()))
    half = next(row for row in rows if row["definition"] == "half" and row["n"])
    assert (half["n"], half["mean"], half["people"]) == ("4", "4.5", "simulated")
    assert [half[name] for name in ("responded", "not_responded", "known", "not_known")] == ["2", "1", "3", "2"]
    assert "Arm that nobody may see" not in str(rows)


def test_the_statistician_reads_what_is_sealed_and_those_who_treat_do_not(client_as, person):
    address = reverse("outcomes") + "?of=check-in/held&people=simulated"
    assert "Held of 1 simulated person" in words(client_as(Role.STATISTICIAN).get(address))
    for role in (Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR, Role.MEDICAL_MONITOR):
        assert client_as(role).get(address).status_code == 404
        assert "Held" not in words(client_as(role).get(reverse("outcomes")))


def test_simulated_people_are_never_counted_with_real_ones(monkeypatch):
    at_day(monkeypatch, 60, whole_course)
    assert outcomes.held(reader(Role.STATISTICIAN), simulated=False) == ()
    assert {each.scale for each in outcomes.held(reader(Role.STATISTICIAN), simulated=True)} == {"moods", "held"}


@pytest.mark.parametrize("role", [Role.PARTICIPANT, Role.RATER, Role.ADMINISTRATOR])
def test_no_outcomes_for_those_who_read_no_charts(person, role):
    assert outcomes.held(reader(role, person.course), simulated=True) == ()


def test_an_empty_clinic_says_so(client_as):
    assert "No score is on file that your role may see" in words(client_as(Role.STATISTICIAN).get(reverse("outcomes")))


def test_the_projection_of_scores_is_the_same_after_a_rebuild(person):
    from asklepion.record import verify

    before = outcomes.responders(reader(Role.STATISTICIAN), "check-in", "moods", simulated=True)
    verify.rebuild()
    assert outcomes.responders(reader(Role.STATISTICIAN), "check-in", "moods", simulated=True) == before


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("theme", ["day", "dim"])
def test_scores_and_outcomes_in_the_browser(
    browser_page, login_as, axe, no_sideways_scroll, monkeypatch, width, theme, live_server, transactional_db
):
    person = at_day(monkeypatch, 60, whole_course)
    page = browser_page(width)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    login_as(page, Role.AUDITOR)
    for address in (f"/courses/{person.course}/scores/", f"/courses/{person.course}/scores/?scale=asks", "/outcomes/"):
        page.goto(address)
        axe(page)
        no_sideways_scroll(page)
    page.goto(f"/courses/{person.course}/scores/")
    shown = page.locator(".narrow svg" if width < 640 else ".wide svg")
    assert shown.is_visible()
