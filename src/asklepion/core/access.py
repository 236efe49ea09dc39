"""Who may read and record what: roles, confidentiality labels, and the two tables that settle it."""

from enum import StrEnum

from asklepion.core.entries import (
    AdverseEvent,
    AnswersGiven,
    ArmAssigned,
    Dispensed,
    DoseGiven,
    DoseWithheld,
    Entry,
    Note,
    Observed,
)


class Role(StrEnum):
    COORDINATOR = "coordinator"
    PHYSICIAN = "physician"
    FACILITATOR = "facilitator"
    RATER = "rater"
    PHARMACIST = "pharmacist"
    MEDICAL_MONITOR = "medical_monitor"
    STATISTICIAN = "statistician"
    AUDITOR = "auditor"
    PARTICIPANT = "participant"
    ADMINISTRATOR = "administrator"


class Label(StrEnum):
    """Confidentiality of an entry. Every read passes the one filter by these."""

    OPEN = "open"
    TREATMENT = "treatment"
    SEALED = "sealed"
    ALLOCATION = "allocation"


READS: dict[Role, frozenset[Label]] = {
    Role.COORDINATOR: frozenset({Label.OPEN, Label.TREATMENT}),
    Role.PHYSICIAN: frozenset({Label.OPEN, Label.TREATMENT}),
    Role.FACILITATOR: frozenset({Label.OPEN, Label.TREATMENT}),
    Role.RATER: frozenset(),
    Role.PHARMACIST: frozenset({Label.OPEN, Label.TREATMENT, Label.ALLOCATION}),
    Role.MEDICAL_MONITOR: frozenset({Label.OPEN, Label.TREATMENT}),
    Role.STATISTICIAN: frozenset({Label.OPEN, Label.SEALED}),
    Role.AUDITOR: frozenset({Label.OPEN, Label.TREATMENT, Label.SEALED}),
    Role.PARTICIPANT: frozenset({Label.OPEN}),
    Role.ADMINISTRATOR: frozenset(),
}
"""Which labels a role reads. A participant reads their own course only. Nobody reads the arm but the pharmacist."""


def label_of(entry: Entry) -> Label:
    """Return the confidentiality label with which an entry is recorded."""
    match entry:
        case ArmAssigned() | Dispensed():
            return Label.ALLOCATION
        case AnswersGiven(sealed=True):
            return Label.SEALED
        case DoseGiven() | DoseWithheld() | AdverseEvent() | Note():
            return Label.TREATMENT
        case Observed(treatment=True):
            return Label.TREATMENT
        case _:
            return Label.OPEN


_CARE = frozenset({Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR})

WRITES: dict[str, frozenset[Role]] = {
    "course_opened": frozenset({Role.COORDINATOR, Role.PHYSICIAN}),
    "observed": _CARE,
    "medicine_recorded": _CARE | {Role.PHARMACIST},
    "medicine_decided": frozenset({Role.PHYSICIAN}),
    "consent_signed": frozenset({Role.PARTICIPANT}),
    "consent_countersigned": frozenset({Role.PHYSICIAN}),
    "consent_withdrawn": _CARE | {Role.PARTICIPANT},
    "visit_booked": _CARE,
    "visit_held": _CARE,
    "visit_missed": _CARE,
    "answers_given": _CARE | {Role.RATER, Role.PARTICIPANT},
    "scale_not_done": _CARE | {Role.RATER},
    "dose_given": _CARE | {Role.PHARMACIST},
    "dose_withheld": _CARE | {Role.PHARMACIST},
    "dispensed": frozenset({Role.PHARMACIST}),
    "arm_assigned": frozenset({Role.PHARMACIST}),
    "adverse_event": _CARE | {Role.MEDICAL_MONITOR},
    "contact_made": _CARE | {Role.MEDICAL_MONITOR},
    "note": _CARE | {Role.MEDICAL_MONITOR, Role.PHARMACIST},
    "signed": frozenset({Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR, Role.MEDICAL_MONITOR}),
    "retracted": _CARE | {Role.PHARMACIST, Role.RATER},
    "course_ended": frozenset({Role.COORDINATOR, Role.PHYSICIAN}),
}
"""Which roles may record an entry of a kind. A correction needs the same right as the entry that it corrects."""

NAMES = frozenset({Role.COORDINATOR, Role.PHYSICIAN})
"""Which roles read, correct and forget who a code is. Names stand in no entry, so no label settles it."""
