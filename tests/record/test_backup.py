"""A backup holds everything, and a broken one is refused."""

from pathlib import Path

import pytest
from django.core.management import call_command

from asklepion.core.access import Role
from asklepion.core.entries import CourseOpened, Note
from asklepion.core.errors import BadInput
from asklepion.record import accounts, backup, ledger
from asklepion.record.models import Account, LedgerEntry, ProjectedCourse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    physician = ledger.Author("p", Role.PHYSICIAN)
    accounts.create("p", Role.PHYSICIAN, "P", "four plain unrelated words")
    course = ledger.open_course(CourseOpened("p", "1", "s"), by=physician).course
    ledger.append(course, Note("a true note"), physician)
    assert backup.write(tmp_path / "b.zip").entries == 2
    return tmp_path / "b.zip"


def test_a_restored_backup_is_equal(written: Path) -> None:
    before = [list(table.objects.values()) for table in (Account, LedgerEntry, ProjectedCourse)]
    with pytest.raises(BadInput):
        backup.restore(written)
    call_command("flush", interactive=False, verbosity=0)
    backup.restore(written)
    assert [list(table.objects.values()) for table in (Account, LedgerEntry, ProjectedCourse)] == before
