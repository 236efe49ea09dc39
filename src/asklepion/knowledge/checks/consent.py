"""What must hold for consent documents."""

from asklepion.knowledge.checks.known import Complaints, Known, every, named
from asklepion.knowledge.types import ConsentDocument, Question


def complaints(document: ConsentDocument, known: Known) -> Complaints:
    elements = known.facts.consent_elements
    covered = tuple(section.element for section in document.sections)
    for index, id_ in enumerate(covered):
        yield from named(id_, elements, "sections", index, "element", what="consent element")
    for element in elements.values():
        if element.required and element.id not in covered:
            yield ("sections",), f"No section covers {element.id}, which consent requires.", "Write one."
    for index, question in enumerate(document.questions):
        yield from _question(question, covered, "questions", index)
    yield from every(document.countersigned_by, known.roles, "countersigned_by", what="role")
    for other in known.facts.consent_documents:
        if other is document or other.document != document.document:
            continue
        if other.version == document.version and other.id < document.id:
            yield ("version",), f"{other.id} is version {other.version} already.", "Give it another version."
        if other.effective_from == document.effective_from and other.id < document.id:
            yield ("effective_from",), f"{other.id} is in force from the same day.", "One of them begins later."


def _question(question: Question, covered: tuple[str, ...], *path: str | int) -> Complaints:
    if len(set(question.options)) < 2 or len(set(question.options)) < len(question.options):
        yield (*path, "options"), "Two different options are the least, and none stands twice.", "Mend them."
    if not 0 <= question.correct < len(question.options):
        what = f"There is no option {question.correct}; they are counted from 0."
        yield (*path, "correct"), what, "Name the right one."
    yield from named(question.reread, covered, *path, "reread", what="element that a section covers")
