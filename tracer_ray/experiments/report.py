"""The report of a test: how each variant did, and how challengers differ from the champion.

The intervals may be looked at as often as one likes, and all of a report hold together: alpha is
shared by its comparisons (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import isfinite

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.experiments.comparison import Challenge, Comparison, compare
from tracer_ray.experiments.sample import Sample, floats, rows_of
from tracer_ray.metrics import metric
from tracer_ray.uncertainty.uncertainty import INTERVAL_COVERAGE

ALPHA = 0.05


@dataclass(frozen=True)
class Figures:
    """How a release did on the settled rows of a target that it answered, or predicted unseen.

    `calibration` is the expected calibration error of probabilities, or the share of outcomes
    inside their interval for numbers; `ideal` is what it would be at best.
    """

    target: str
    release: str
    variant: str
    predictions: int
    settled: int
    entities: int
    metric: str
    loss: float | None
    calibration: float | None
    ideal: float


@dataclass(frozen=True)
class Report:
    """All figures and comparisons of a blueprint's tests."""

    blueprint: str
    alpha: float
    figures: tuple[Figures, ...]
    comparisons: tuple[Comparison, ...]

    def to_json(self) -> dict[str, object]:
        """The report as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Log:
    """What was predicted, and the part of it that was settled (see settlement.py)."""

    predictions: pa.Table
    settled: pa.Table


def report_tests(
    blueprint: Blueprint, champion: str, tested: Sequence[Challenge], log: Log
) -> Report:
    """Judge challengers against the champion, each by the rows since its test began."""
    asked = set(pc.unique(log.predictions["target"]).to_pylist())
    targets = [each.name for each in blueprint.targets if each.name in asked]
    alpha = ALPHA / max(1, len(targets) * len(tested))
    figures, comparisons = [], []
    for target in targets:
        sample = Sample(blueprint, target, log.settled)
        figures.append(_of_champion(sample, log, champion, tested))
        figures += [_figures(sample, log, each, _variant(each)) for each in tested]
        comparisons += [compare(sample, champion, each, alpha) for each in tested]
    return Report(blueprint.id, ALPHA, tuple(figures), tuple(comparisons))


def _of_champion(sample: Sample, log: Log, champion: str, tested: Sequence[Challenge]) -> Figures:
    """The champion's figures since the first of the tests began; without any, all there are."""
    began = min(
        (each.since for each in tested), default=datetime.fromisoformat("1970-01-01T00:00Z")
    )
    return _figures(sample, log, Challenge(champion, began, is_shadow=False), "champion")


def _variant(tested: Challenge) -> str:
    return "shadow" if tested.is_shadow else "challenger"


def _figures(sample: Sample, log: Log, who: Challenge, variant: str) -> Figures:
    release, shadow = who.release, who.is_shadow
    said = rows_of(log.predictions, sample.target, release, is_shadow=shadow, since=who.since)
    settled = sample.of(release, is_shadow=shadow, since=who.since)
    actual, predicted = floats(settled, "actual"), floats(settled, "prediction")
    is_probability = sample.blueprint.target(sample.target).answer is Answer.PROBABILITY
    if is_probability:
        calibration = metric("ece").score(actual, predicted)
    else:
        ends = np.column_stack([floats(settled, "lower"), floats(settled, "upper")])
        has_both = np.isfinite(ends).all(axis=1)
        calibration = metric("coverage").score(actual[has_both], ends[has_both])
    return Figures(
        sample.target,
        release,
        variant,
        len(said),
        len(settled),
        len(pc.unique(settled["entity"])),
        sample.loss.name,
        _known(sample.loss.score(actual, predicted)),
        _known(calibration),
        0.0 if is_probability else INTERVAL_COVERAGE,
    )


def _known(score: float) -> float | None:
    return score if isfinite(score) else None
