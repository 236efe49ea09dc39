"""A clinic of simulated people, made by walking the same flows as the pages."""

from collections.abc import Callable
from dataclasses import dataclass

from asklepion.core.access import Role

Progress = Callable[[int, int], None]
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
