"""Invented values for simulated people: what is usual, readings over a session, answers to a scale."""

import random

from asklepion.knowledge.types import Scale

ORDINARY: dict[str, str | bool | float] = {
    "age": 38.0,
    "sex": "female",
    "can-become-pregnant": True,
    "breastfeeding": False,
    "systolic": 122.0,
    "diastolic": 78.0,
    "heart-rate": 68.0,
    "temperature": 36.6,
    "weight": 71.0,
    "height": 172.0,
    "qtc": 418.0,
    "ecg-read-by": "P-01",
    "pregnancy-test": "negative",
    "urine-drug-screen": "negative",
    "sodium": 140.0,
    "potassium": 4.2,
    "creatinine": 74.0,
    "alt": 22.0,
    "ast": 24.0,
    "tsh": 1.8,
    "haemoglobin": 138.0,
    "ptsd-diagnosis": True,
    "ptsd-duration": 130.0,
    "dissociative-subtype": False,
    "primary-psychotic-disorder": False,
    "bipolar-i": False,
    "psychotic-depression": False,
    "dissociative-identity-disorder": False,
    "eating-disorder-purging": False,
    "personality-disorder": False,
    "alcohol-use-disorder-current": False,
    "substance-use-disorder-current": False,
    "uncontrolled-hypertension": False,
    "arrhythmia-history": False,
    "long-qt-risk": False,
    "sympathomimetic-risk": False,
    "liver-disease-symptomatic": False,
    "liver-enzymes-significant": False,
    "hyponatraemia-history": False,
    "hyperthermia-history": False,
    "mdma-uses": 0.0,
    "mdma-last-six-months": False,
    "medicines-reviewed": True,
    "contact-person": True,
    "contraception-agreed": True,
    "recording-agreed": True,
    "reports-events": True,
    "session-rules-agreed": True,
    "stable-housing": True,
    "overnight-stay": True,
    "escort": True,
    "fasted": True,
    "consent-reconfirmed": True,
    "facilitators-agree": True,
    "alliance-adequate": True,
    "supplement-window": "90 to 120 min",
    "safety-plan": True,
    "touch-agreement": "as agreed and limited",
    "touch-limits": "A hand on the shoulder if asked; the word stop ends it",
    "intention": "To stop running from that night",
    "expectations": "Does not know, hopes to sleep better",
    "suds": 4.0,
    "chest-pain": False,
    "neurological-sign": False,
    "severe-headache": False,
    "syncope": False,
    "eyeshades": "mostly",
    "attention": "mostly inward",
    "music": "The clinic's own list, quiet at the start",
    "touch-used": "None was asked for",
    "fluids": 1200.0,
    "effects-over": True,
    "oriented": True,
    "gait-steady": True,
    "safe-to-end": True,
    "approach": "Meaning, and what the body remembers",
    "practices": "Writing in the morning, walking",
}
"""A value that stands in no criterion's way. Nobody's: invented."""


def readings_at(minutes: int, chance: random.Random) -> dict[str, str | bool | float]:
    """Return invented vital signs some minutes after a dose: a rise to about two hours, then a slow fall."""
    rise = max(0.0, 1 - abs(minutes - 130) / 300)
    return {
        "systolic": float(round(122 + 24 * rise + chance.uniform(-4, 4))),
        "diastolic": float(round(78 + 12 * rise + chance.uniform(-3, 3))),
        "heart-rate": float(round(68 + 24 * rise + chance.uniform(-4, 4))),
        "temperature": round(36.6 + 0.5 * rise + chance.uniform(-0.1, 0.1), 1),
        "suds": float(min(10, max(0, round(3 + 4 * rise + chance.uniform(-1, 1))))),
    }


def answers_for(scale: Scale, level: float, chance: random.Random) -> dict[str, int | None]:
    """Return invented answers to a scale at a burden of 0 to 1; a suicidality screen is answered with no throughout."""
    if scale.id == "c-ssrs":
        return {item.id: item.minimum for item in scale.items if item.only_if is None}
    kept = min(max(level, 0.02), 0.98)
    wanted = kept if scale.higher_is_worse else 1 - kept
    return {
        item.id: _answer(item.minimum, item.maximum, wanted, chance) for item in scale.items if item.only_if is None
    }


def _answer(minimum: int, maximum: int, level: float, chance: random.Random) -> int:
    drawn = minimum + level * (maximum - minimum) + chance.gauss(0, 0.12 * (maximum - minimum))
    return min(maximum, max(minimum, round(drawn)))
