"""The audit of one course: its ledger as pages show it, the check of its chain, corrections, the export."""

from asklepion.flows.describe import describe

__all__ = ["describe"]
