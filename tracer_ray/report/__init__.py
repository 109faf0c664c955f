"""The report of a training run: one self-contained HTML page, and the same numbers as tables."""

from tracer_ray.report.contents import (
    CandidateResult,
    Checks,
    Control,
    Optimism,
    Outcomes,
    StageCost,
    TargetReport,
    TrainingReport,
)
from tracer_ray.report.page import render_page
from tracer_ray.report.tables import render_tables

__all__ = [
    "CandidateResult",
    "Checks",
    "Control",
    "Optimism",
    "Outcomes",
    "StageCost",
    "TargetReport",
    "TrainingReport",
    "render_report",
]


def render_report(report: TrainingReport) -> dict[str, bytes]:
    """The report's files by name: index.html, summary.json, entities.csv and Parquet tables."""
    return {"index.html": render_page(report).encode(), **render_tables(report)}
