"""Audits: figures, comparisons, response times, late cases, months, and the cases behind all."""

from app.console.audit.behind import audit_cases_page
from app.console.audit.comparison import audit_comparison_page
from app.console.audit.figures import audit_figures_page
from app.console.audit.late import audit_late_page
from app.console.audit.months import audit_months_page
from app.console.audit.spans import audit_spans_page
from app.console.audit.times import audit_times_page
from app.console.audit.unit_month import audit_unit_month

__all__ = [
    "audit_cases_page",
    "audit_comparison_page",
    "audit_figures_page",
    "audit_late_page",
    "audit_months_page",
    "audit_spans_page",
    "audit_times_page",
    "audit_unit_month",
]
