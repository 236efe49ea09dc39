"""Whether facts hold together: each within itself, and all with each other and with the references."""

from collections.abc import Collection

from asklepion.core.errors import BadFact
from asklepion.knowledge.checks import biomarker, common, consent, medicines, observable, protocol, scale
from asklepion.knowledge.checks.known import Complaints, Known
from asklepion.knowledge.load import Corpus
from asklepion.knowledge.types import (
    Biomarker,
    ConsentDocument,
    Drug,
    Fact,
    Interaction,
    Observables,
    Protocol,
    Scale,
    Substance,
)


def check(corpus: Corpus, *, roles: Collection[str]) -> tuple[BadFact, ...]:
    """Return every fault of what was read, in order of files; none if the facts hold together.

    `roles` are those that accounts may have: protocols and consent documents name them.
    """
    facts = corpus.facts()
    names = medicines.names(facts)
    return tuple(
        loaded.fault(what, *path, remedy=remedy)
        for loaded in corpus.loaded
        for path, what, remedy in _complaints(loaded.fact, Known(facts, names, roles, loaded.file))
    )


def _complaints(fact: Fact, known: Known) -> Complaints:
    yield from common.complaints(fact, known)
    match fact:
        case Scale():
            yield from scale.complaints(fact, known)
        case Drug():
            yield from medicines.drug(fact, known)
        case Interaction():
            yield from medicines.interaction(fact, known)
        case Substance():
            yield from medicines.substance(fact, known)
        case Observables():
            yield from observable.complaints(fact, known)
        case Biomarker():
            yield from biomarker.complaints(fact, known)
        case Protocol():
            yield from protocol.complaints(fact, known)
        case ConsentDocument():
            yield from consent.complaints(fact, known)
