"""The report of a statistical analysis plan: a YAML file in; PDF, tables and each number's origin out."""

from asklepion.flows.report.folder import check_free, write
from asklepion.flows.report.plan import Written, read
from asklepion.flows.report.run import run

__all__ = ["Written", "check_free", "read", "run", "write"]
