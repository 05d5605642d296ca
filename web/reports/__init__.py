"""Báo cáo: figures, chart, heat map, files, and the airings behind each figure."""

from web.reports.pages import blueprint

__all__ = ["blueprint"]
