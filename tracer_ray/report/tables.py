"""The report's numbers as files for machines: JSON, CSV and Parquet."""

import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tracer_ray.blueprint import Answer
from tracer_ray.releases.tables import entities_table
from tracer_ray.report.contents import TargetReport, TrainingReport
from tracer_ray.report.summaries import Bins, coverage, level_shares, reliability, spread
from tracer_ray.report.target import verdict

_BIN_FIELDS = ("forecast", "outcome", "low", "high", "rows")
_BIN_SCHEMA = pa.schema(
    [("target", pa.string()), ("curve", pa.string())]
    + [(name, pa.float64()) for name in _BIN_FIELDS]
)


def render_tables(report: TrainingReport) -> dict[str, bytes]:
    """summary.json, entities.csv and .parquet, reliability.parquet, importance.parquet."""
    entities = entities_table(each for target in report.targets for each in target.entities)
    return {
        "summary.json": json.dumps(_known(summarise(report)), indent=1).encode(),
        "entities.csv": _csv(entities),
        "entities.parquet": _parquet(entities),
        "reliability.parquet": _parquet(reliability_table(report)),
        "importance.parquet": _parquet(importance_table(report)),
    }


def summarise(report: TrainingReport) -> dict[str, object]:
    """The run and every target's figures as plain values."""
    run = {
        name: value
        for name, value in vars(report).items()
        if isinstance(value, str | int) or name in ("warnings", "reproduce", "limits")
    }
    return {
        **run,
        "excluded": dict(report.excluded),
        "quarantined": dict(report.quarantined),
        "costs": [asdict(cost) for cost in report.costs],
        "targets": {target.target: _summarise_target(target) for target in report.targets},
    }


def reliability_table(report: TrainingReport) -> pa.Table:
    """Every curve of the calibration and predicted-against-actual charts, one row per bin."""
    rows = [
        {"target": target.target, "curve": curve, **dict(zip(_BIN_FIELDS, values, strict=True))}
        for target in report.targets
        for curve, bins in _curves(target)
        for values in zip(*(getattr(bins, name) for name in _BIN_FIELDS), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=_BIN_SCHEMA)


def importance_table(report: TrainingReport) -> pa.Table:
    """Every feature's share of the pooled model's importance, per target."""
    rows = [
        {"target": target.target, "feature": feature, "share": share}
        for target in report.targets
        for feature, share in sorted(target.importance.items(), key=lambda item: -item[1])
    ]
    names = (("target", pa.string()), ("feature", pa.string()), ("share", pa.float64()))
    return pa.Table.from_pylist(rows, schema=pa.schema(names))


def _summarise_target(target: TargetReport) -> dict[str, object]:
    return {
        "verdict": verdict(target),
        "has_edge": target.has_edge,
        "skill": target.skill(target.figures.ours),
        **asdict(target.figures),
        "baselines": {name: dict(scores) for name, scores in target.baselines.items()},
        "coverage": coverage(target.outcomes.pit) if len(target.outcomes.pit) else {},
        "levels": [asdict(share) for share in level_shares(target.entities)],
        "candidates": [asdict(candidate) for candidate in target.candidates],
        "checks": asdict(target.checks),
        "failed": sum(bool(record.error) for record in target.entities),
    }


def _curves(target: TargetReport) -> Iterator[tuple[str, Bins]]:
    outcomes = target.outcomes
    if target.answer is Answer.PROBABILITY and len(outcomes.actual):
        yield "calibrated", reliability(outcomes.predicted, outcomes.actual)
    elif len(outcomes.actual):
        yield "predicted against actual", spread(outcomes.predicted, outcomes.actual)
    if len(outcomes.uncalibrated):
        yield "before calibration", reliability(outcomes.uncalibrated, outcomes.actual)
    if len(outcomes.is_over):
        yield "over a line", reliability(outcomes.over_probability, outcomes.is_over)


def _known(value: object) -> object:
    """The same values with None for what is not a finite number: JSON knows no NaN."""
    if isinstance(value, dict):
        return {str(name): _known(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _csv(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pyarrow.csv.write_csv(table, sink)
    return sink.getvalue()


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
