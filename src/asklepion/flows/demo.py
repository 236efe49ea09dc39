"""A clinic of simulated people, made by walking the same flows as the pages."""

from collections.abc import Callable
from dataclasses import dataclass

from asklepion.core.access import Role
from asklepion.core.errors import BadInput
from asklepion.flows.facts import facts
from asklepion.flows.stories import STORIES
from asklepion.flows.walking import Team, Walk
from asklepion.record import accounts, clock, ledger
from asklepion.record.ledger import Author

Progress = Callable[[int, int], None]
PROTOCOL = "mdma-ptsd-phase-3"
_DEVICE = "demo"
_PASSWORD = "a quiet night harbour"


@dataclass(frozen=True, slots=True)
class Login:
    """One account of the demo. `course` is the participant's own."""

    username: str
    role: Role
    printed_name: str
    password: str
    course: str = ""


_LOGINS = (
    Login("coordinator", Role.COORDINATOR, "C-01, coordinator", _PASSWORD),
    Login("physician", Role.PHYSICIAN, "P-01, physician", _PASSWORD),
    Login("facilitator", Role.FACILITATOR, "T-01, facilitator", _PASSWORD),
    Login("rater", Role.RATER, "R-01, independent rater", _PASSWORD),
    Login("pharmacist", Role.PHARMACIST, "A-01, pharmacist", _PASSWORD),
    Login("monitor", Role.MEDICAL_MONITOR, "M-01, medical monitor", _PASSWORD),
    Login("statistician", Role.STATISTICIAN, "S-01, statistician", _PASSWORD),
    Login("auditor", Role.AUDITOR, "I-01, auditor", _PASSWORD),
    Login("participant", Role.PARTICIPANT, "Simulated participant", _PASSWORD, course="AK-0003"),
    Login("administrator", Role.ADMINISTRATOR, "D-01, administrator", _PASSWORD),
)


def logins() -> tuple[Login, ...]:
    """Return the accounts of the demo, one a role."""
    return _LOGINS


def fill(progress: Progress, *, people: int | None = None) -> None:
    """Make the accounts, and walk every story that was not walked yet. Stopped half-way, it goes on with the next one.

    `people` is how many stories at most, the first ones first: the third is the participant who can sign in. Raises
    BadInput if the database holds people who are not simulated.
    """
    if ledger.holds_real_people():
        raise BadInput(
            "This database holds courses of real people.", remedy="Give the demo a folder of its own: ASKLEPION_HOME."
        )
    _make_accounts()
    team = Team(
        authors={each.role: Author(each.username, each.role, _DEVICE) for each in _LOGINS},
        password=_PASSWORD,
        people=tuple((each.username, each.course) for each in _LOGINS if each.course),
    )
    protocol = facts().protocols[PROTOCOL]
    done = ledger.count_courses(device=_DEVICE)
    stories = STORIES[:people]
    for number, story in enumerate(stories, 1):
        if number > done:
            Walk(protocol, story, team, number=number, today=clock.today()).walk()
            progress(number, len(stories))


def _make_accounts() -> None:
    known = {each.username for each in accounts.list()}
    for each in _LOGINS:
        if each.username not in known:
            accounts.create(each.username, each.role, each.printed_name, each.password, course=each.course)
            accounts.give_second_factor(each.username)
