"""Facts → figures → documents: what was planned, what sounded, and why the rest did not."""

from broadcast.reports.documents import write_report
from broadcast.reports.figures import Counts, Report, report

__all__ = ["Counts", "Report", "report", "write_report"]
