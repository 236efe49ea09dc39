"""Pages of an imported trial: outcomes, one line, one course that is over, and no arm on any of them."""

from pathlib import Path

import pytest

from asklepion.core.access import Role
from asklepion.flows import imports

pytestmark = pytest.mark.django_db(transaction=True)
MAP = """\
protocol: hamd-depression-trial
scale: hamd-17
score: total
site: Invented
code_prefix: X-
subject: ID
visit: {column: VISIT, ids: {"4": visit-4, "5": visit-5, "6": visit-6, "7": visit-7}, absent: missed}
day: DAY
origin: 2001-01-01
courses: ended
value: {column: VALUE}
baseline: {column: BASE, visit: baseline}
arm: {column: ARM, ids: {D: DRUG, P: PLACEBO}}
"""
TABLE = "ID,VISIT,DAY,ARM,BASE,VALUE\n1,4,8,D,20,11\n1,6,28,D,20,10\n1,7,42,D,20,7\n2,4,7,P,31,30\n"


@pytest.fixture
def trial(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "table.csv").write_text(TABLE)
    imports.carry_out(imports.plan(tmp_path / "table.csv", tmp_path / "map.yaml"), by="i")


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.usefixtures("trial")
def test_an_imported_trial_is_shown_as_what_it_is(browser_page, login_as, axe, no_sideways_scroll, width: int) -> None:
    page = browser_page(width)
    login_as(page, Role.PHYSICIAN)
    page.goto("/outcomes/")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Visit 7, day 42"))
    assert row.inner_text().count("1 of 1") == 2
    assert "1 not known" in row.inner_text()
    seen = [page.content()]
    for address in ("/courses/X-1/scores/", "/courses/X-1/", "/courses/X-1/ledger/", "/courses/X-1/visits/visit-4/"):
        assert page.goto(address).ok
        axe(page)
        no_sideways_scroll(page)
        seen.append(page.content())
    scores, chart, ledger, visit = seen[1:]
    assert scores.count("eported, not computed here") == 4
    assert "The imported table has no row for this visit." in scores
    assert "Ended: why is not told" in chart
    assert "It ended by week 6." in chart
    assert "Today is week" not in chart
    assert "column VALUE" in ledger
    assert "how it was held, are not" in visit
    assert not any(arm in content for content in seen for arm in ("DRUG", "PLACEBO"))
