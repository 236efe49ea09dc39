"""Kinds of analysis that a plan can name: one module each, listed here. See docs/methods/report.md to add one."""

from typing import Annotated

from pydantic import Field

from asklepion.flows.report.kinds.blinding import Blinding
from asklepion.flows.report.kinds.dose import DoseResponse
from asklepion.flows.report.kinds.effect import EffectSize
from asklepion.flows.report.kinds.flow import Participants
from asklepion.flows.report.kinds.mediation import Mediation
from asklepion.flows.report.kinds.meta import Meta
from asklepion.flows.report.kinds.missing import Missing
from asklepion.flows.report.kinds.mmrm import Mmrm
from asklepion.flows.report.kinds.moderation import Moderation
from asklepion.flows.report.kinds.network import Network
from asklepion.flows.report.kinds.responders import Responders
from asklepion.flows.report.kinds.survival import Survival
from asklepion.flows.report.kinds.unblinding import Unblinding

Analysis = Annotated[
    Blinding
    | DoseResponse
    | EffectSize
    | Mediation
    | Meta
    | Missing
    | Mmrm
    | Moderation
    | Network
    | Participants
    | Responders
    | Survival
    | Unblinding,
    Field(discriminator="kind"),
]

__all__ = [
    "Analysis",
    "Blinding",
    "DoseResponse",
    "EffectSize",
    "Mediation",
    "Meta",
    "Missing",
    "Mmrm",
    "Moderation",
    "Network",
    "Participants",
    "Responders",
    "Survival",
    "Unblinding",
]
