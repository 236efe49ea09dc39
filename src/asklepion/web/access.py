"""The one permission table of pages: which role may open which route. A route that is not listed does not exist."""

from asklepion.core.access import Role

EVERYONE = frozenset(Role)
_CARE = frozenset({Role.COORDINATOR, Role.PHYSICIAN, Role.FACILITATOR})
_SEE_COURSES = _CARE | {Role.MEDICAL_MONITOR, Role.PHARMACIST, Role.AUDITOR}
_CORRECT = _CARE | {Role.PHARMACIST}
_OUTCOMES = _CARE | {Role.MEDICAL_MONITOR, Role.STATISTICIAN, Role.AUDITOR}
_NAMES = frozenset({Role.COORDINATOR, Role.PHYSICIAN})
_PERSON = frozenset({Role.PARTICIPANT})
_RATER = frozenset({Role.RATER})
_ADMIN = frozenset({Role.ADMINISTRATOR})

PUBLIC = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "mfa_authenticate",
        "cannot_get_in",
        "theme",
    }
)
"""Routes that need no account. Everything else is in ROUTES, or it is not there."""

FIRST_STEPS = frozenset(
    {"mfa_activate_totp", "mfa_view_recovery_codes", "account_reauthenticate", "mfa_reauthenticate", "account_logout"}
)
"""Routes that an account without a second factor may open: those that set one up, and the way out."""

ROUTES: dict[str, frozenset[Role]] = {
    "home": EVERYONE,
    "own_account": EVERYONE,
    "sign_out_everywhere": EVERYONE,
    "account_change_password": EVERYONE,
    "account_reauthenticate": EVERYONE,
    "mfa_reauthenticate": EVERYONE,
    "mfa_activate_totp": EVERYONE,
    "mfa_view_recovery_codes": EVERYONE,
    "mfa_generate_recovery_codes": EVERYONE,
    "mfa_download_recovery_codes": EVERYONE,
    "accounts": _ADMIN,
    "account_new": _ADMIN,
    "account_deactivate": _ADMIN,
    "account_reset": _ADMIN,
    "caseload": _SEE_COURSES,
    "course_new": frozenset({Role.COORDINATOR, Role.PHYSICIAN}),
    "course_end": frozenset({Role.COORDINATOR, Role.PHYSICIAN}),
    "person": _NAMES,
    "person_forget": _NAMES,
    "allocation": frozenset({Role.PHARMACIST}),
    "chart": _SEE_COURSES,
    "course_table": _SEE_COURSES,
    "screening": _SEE_COURSES,
    "screening_values": _CARE,
    "screening_medicine": _CARE | {Role.PHARMACIST},
    "screening_decide": frozenset({Role.PHYSICIAN}),
    "screening_sign": _CARE | {Role.MEDICAL_MONITOR},
    "consent": _SEE_COURSES,
    "consent_countersign": frozenset({Role.PHYSICIAN}),
    "consent_withdraw": _CARE,
    "consent_versions": _SEE_COURSES,
    "visit": _SEE_COURSES,
    "visit_book": _CARE,
    "visit_miss": _CARE,
    "visit_hold": _CARE,
    "visit_finish": _CARE,
    "visit_values": _CARE,
    "visit_scale": _CARE,
    "visit_readings": _CARE,
    "visit_dose": _CARE | {Role.PHARMACIST},
    "visit_withhold": _CARE | {Role.PHARMACIST},
    "event_new": _CARE | {Role.MEDICAL_MONITOR},
    "event_end": _CARE | {Role.MEDICAL_MONITOR},
    "contact_new": _CARE | {Role.MEDICAL_MONITOR},
    "note_new": _CARE | {Role.MEDICAL_MONITOR, Role.PHARMACIST},
    "trajectory": _SEE_COURSES,
    "scores_csv": _SEE_COURSES,
    "outcomes": _OUTCOMES,
    "ledger": _SEE_COURSES,
    "entry": _SEE_COURSES,
    "correct": _CORRECT,
    "ledger_export": _SEE_COURSES,
    "ledger_verify": _SEE_COURSES,
    "scale_item": _CARE,
    "scale_check": _CARE,
    "scale_submit": _CARE,
    "scale_given": _CARE,
    "scale_not_done": _CARE,
    "me": _PERSON,
    "my_consent": _PERSON,
    "my_scale": _PERSON,
    "my_scale_check": _PERSON,
    "my_scale_done": _PERSON,
    "ratings": _RATER,
    "rating_item": _RATER,
    "rating_check": _RATER,
    "rating_done": _RATER,
    "rating_not_done": _RATER,
}

HOMES: dict[Role, str] = {
    Role.RATER: "ratings",
    Role.STATISTICIAN: "outcomes",
    Role.PARTICIPANT: "me",
    Role.ADMINISTRATOR: "accounts",
}
"""Where a role begins. Everybody else begins at the caseload."""


def home_of(role: Role) -> str:
    """Return the name of the route at which a role begins."""
    return HOMES.get(role, "caseload")
