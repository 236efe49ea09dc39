"""All facts that were loaded together, by id. Rules are handed this and fetch nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from asklepion.knowledge.types.biomarker import Biomarker
from asklepion.knowledge.types.consent import ConsentDocument, ConsentElement
from asklepion.knowledge.types.drug import Drug, DrugClass, Interaction, Substance
from asklepion.knowledge.types.observable import Observable
from asklepion.knowledge.types.protocol import Protocol
from asklepion.knowledge.types.scale import Scale


@dataclass(frozen=True, slots=True)
class Reference:
    """One work of docs/references.bib. `status` is published, retracted, correction, concern, draft or release."""

    key: str
    text: str
    url: str
    status: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`digest` is SHA-256 over every file read, in order of name; `checked` the latest day of a check."""

    scales: Mapping[str, Scale]
    drugs: Mapping[str, Drug]
    drug_classes: Mapping[str, DrugClass]
    substances: Mapping[str, Substance]
    interactions: tuple[Interaction, ...]
    observables: Mapping[str, Observable]
    biomarkers: Mapping[str, Biomarker]
    protocols: Mapping[str, Protocol]
    consent_elements: Mapping[str, ConsentElement]
    consent_documents: tuple[ConsentDocument, ...]
    references: Mapping[str, Reference]
    checked: date
    digest: str
