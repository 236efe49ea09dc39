"""People: names and contacts, each encrypted under a key of their own. A chart knows a code only."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from asklepion.core.errors import AsklepionError, UnknownId
from asklepion.record import clock, models


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    contact: str = ""
    born: str = ""
    signed_as: str = ""
    """The printed name under this person's own signatures."""


def save(course: str, person: Person) -> None:
    """Keep who a course is about, replacing what was kept. Raises UnknownId if there is no such course."""
    if not models.Course.objects.filter(code=course).exists():
        raise UnknownId("There is no such course.")
    key = AESGCM.generate_key(bit_length=256)
    sealed = _seal(key, json.dumps(asdict(person)).encode(), course)
    models.Person.objects.update_or_create(
        course=course,
        defaults={"wrapped_key": _seal(_people_key(), key, course), "sealed": sealed, "forgotten_at": None},
    )


def find(course: str) -> Person | None:
    """Return who a course is about; None if nobody was kept or the person was forgotten.

    Raises AsklepionError if the people key is another than the one under which the person was kept.
    """
    row = models.Person.objects.filter(course=course, forgotten_at=None).first()
    if row is None:
        return None
    try:
        key = _open(_people_key(), bytes(row.wrapped_key), course)
        return Person(**json.loads(_open(key, bytes(row.sealed), course)))
    except InvalidTag as fault:
        remedy = "Set ASKLEPION_PEOPLE_KEY to the key that was used when the names were typed."
        raise AsklepionError("Names were kept under another people key.", where=course, remedy=remedy) from fault


def forgotten_at(course: str) -> datetime | None:
    """Return when the person of a course was forgotten; None if nobody was kept or somebody still is."""
    row = models.Person.objects.filter(course=course).first()
    return row.forgotten_at if row else None


def edition(course: str) -> str:
    """Return a word that changes whenever who a course is about is kept anew or forgotten; empty for nobody yet."""
    row = models.Person.objects.filter(course=course).first()
    if row is None:
        return ""
    return hashlib.sha256(bytes(row.wrapped_key) + str(row.forgotten_at).encode()).hexdigest()[:16]


def forget(course: str) -> None:
    """Destroy a person's key and what it sealed, in the pages of the database file too. The ledger stays whole.

    Backups that were made before keep what they hold. Raises UnknownId if nobody was kept under this course.
    """
    with transaction.atomic():
        found = models.Person.objects.filter(course=course)
        if not found.update(wrapped_key=b"", sealed=b"", forgotten_at=clock.now()):
            raise UnknownId("Nobody is kept under this course.", where=course)
        transaction.on_commit(_wipe)


def _wipe() -> None:
    """Let no free page and no log of the database file hold what was overwritten. PostgreSQL vacuums on its own."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _people_key() -> bytes:
    secret = settings.PEOPLE_KEY.encode()
    return hashlib.sha256(secret).digest()


def _seal(key: bytes, plain: bytes, course: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, course.encode())


def _open(key: bytes, sealed: bytes, course: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], course.encode())
