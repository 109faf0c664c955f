"""Learning to weigh the components of a composite: fitted to earlier rows, judged on later ones.

The components' answers are those of the releases that answer requests, to rows that no release was
fitted to. Each component is recalibrated by itself in the same way, and the combination has to beat
every one of them beyond chance; otherwise the best of them answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tracer_ray.composites.combination import (
    BASE_RATE,
    EQUAL,
    Blend,
    Combination,
    Judgement,
    Rival,
    Scale,
    Scales,
    form_of,
)
from tracer_ray.composites.evidence import Evidence, Gathered, gather_evidence
from tracer_ray.composites.labelled import Lesson, labelled_rows
from tracer_ray.composites.model import CompositeModel
from tracer_ray.composites.stacking import Outcome, fit_weights
from tracer_ray.errors import CompositeError
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray
from tracer_ray.significance import mean_error
from tracer_ray.splits import days, shares

FITTED_SHARE = 0.6
FEWEST_ROWS, FEWEST_EVENTS = 50, 10  # in each part


@dataclass(frozen=True)
class Parts:
    """The rows that are fitted to, and those that are judged: later ones where times differ."""

    fitted: Evidence
    judged: Evidence
    is_later: bool


@dataclass(frozen=True)
class Blends:
    """All that is compared: the combination, each component alone, and what needs no learning."""

    together: Blend
    alone: Mapping[str, Blend]
    simple: Mapping[str, Blend]


def learn_combination(model: CompositeModel, table: pa.Table, lesson: Lesson) -> Combination:
    """The combination of a composite's components on the outcome of a table's rows.

    Raises CompositeError where fewer than two components say anything, a release may have been
    fitted to a row, or there are too few rows.
    """
    rows = labelled_rows(table, lesson, list(model.predictors.values()))
    gathered = gather_evidence(model, rows)
    parts = cut(gathered.evidence, lesson.horizon_days)
    for part in (parts.fitted, parts.judged):
        _refuse_few(part, rows.outcome)
    scales = _scales(gathered, parts.fitted, rows.outcome)
    blends = fit_blends(scales, parts.fitted)
    losses, rivals = judge(scales, blends, parts.judged, lesson.horizon_days)
    left_out = len(table) - len(parts.fitted) - len(parts.judged)
    return Combination(
        lesson.target,
        scales,
        blends.together,
        blends.alone,
        {name: model.predictors[name].name for name in blends.alone},
        Judgement(len(parts.fitted), len(parts.judged), left_out, parts.is_later, losses, rivals),
        all(rivals[name].is_beaten for name in blends.alone),
    )


def cut(evidence: Evidence, horizon_days: float) -> Parts:
    """The earlier 60 % of rows to fit to, without those whose outcome was not known at the cut.

    Where all rows are of the same time, whose rows are judged is decided by a hash of the name.
    """
    times = evidence.times
    if not len(evidence) or times.min() == times.max():
        is_fitted = shares(evidence.names) < FITTED_SHARE
        return Parts(evidence.take(is_fitted), evidence.take(~is_fitted), is_later=False)
    at = np.quantile(times, FITTED_SHARE, method="higher")
    at = at if at > times.min() else times[times > at].min()
    is_known = times + round(horizon_days * MICROSECONDS_PER_DAY) < at
    return Parts(evidence.take(is_known), evidence.take(times >= at), is_later=True)


def fit_blends(scales: Scales, fitted: Evidence) -> Blends:
    """Everything that is compared, fitted to the same rows by the same rule."""
    names = list(fitted.signals)
    scores = {name: scales.by_component[name].scores(fitted.signals[name]) for name in names}

    def weights(columns: list[FloatArray]) -> list[float]:
        stacked = np.column_stack(columns)
        return [float(each) for each in fit_weights(stacked, fitted.actual, scales.outcome)]

    intercept, *each = weights(list(scores.values()))
    equal_intercept, slope = weights([np.mean(list(scores.values()), axis=0)])
    base, _ = weights([np.zeros(len(fitted))])
    alone = {}
    for name in names:
        own_intercept, own = weights([scores[name]])
        alone[name] = Blend(own_intercept, {name: own})
    lost = {
        name: scales.losses(blend, fitted.signals, fitted.actual).mean()
        for name, blend in alone.items()
    }
    return Blends(
        Blend(intercept, dict(zip(names, each, strict=True))),
        {name: alone[name] for name in sorted(names, key=lambda name: lost[name])},
        {
            EQUAL: Blend(equal_intercept, dict.fromkeys(names, slope / len(names))),
            BASE_RATE: Blend(base, dict.fromkeys(names, 0.0)),
        },
    )


def _scales(gathered: Gathered, fitted: Evidence, outcome: Outcome) -> Scales:
    made = {
        name: Scale.of(
            form_of(outcome, is_probability=gathered.is_probability[name]), values, fitted.actual
        )
        for name, values in fitted.signals.items()
    }
    is_positive = outcome is Outcome.AMOUNT and gathered.evidence.actual.min() >= 0.0
    return Scales(outcome, made, 0.0 if is_positive else None)


def judge(
    scales: Scales, blends: Blends, judged: Evidence, horizon_days: float
) -> tuple[float, dict[str, Rival]]:
    """The combination's loss on the judged rows, and what it gains on everything else."""
    ours = scales.losses(blends.together, judged.signals, judged.actual)
    rivals = {}
    for name, blend in {**blends.alone, **blends.simple}.items():
        theirs = scales.losses(blend, judged.signals, judged.actual)
        error = _error(theirs - ours, judged, horizon_days)
        rivals[name] = Rival(float(theirs.mean()), float((theirs - ours).mean()), error)
    return float(ours.mean()), rivals


def _error(gains: FloatArray, judged: Evidence, horizon_days: float) -> float:
    """The larger standard error of the two in which rows of one name, or of one day, are one."""
    names = np.unique(judged.names.astype(np.str_), return_inverse=True)[1].astype(np.float64)
    by_day = mean_error(gains, days(judged.times), int(horizon_days))
    return max(mean_error(gains, names), by_day)


def _refuse_few(part: Evidence, outcome: Outcome) -> None:
    """Raise CompositeError where a part has too few rows, or too few of either outcome."""
    events = int(part.actual.sum()) if outcome is Outcome.EVENT else len(part)
    fewest = min(events, len(part) - events) if outcome is Outcome.EVENT else events
    if len(part) < FEWEST_ROWS or fewest < FEWEST_EVENTS:
        raise CompositeError(
            f"{len(part)} rows to fit to or to judge on, {fewest} of the rarer outcome; expected "
            f"{FEWEST_ROWS} and {FEWEST_EVENTS} in each part, whose outcome is known and that all "
            "components answer"
        )
