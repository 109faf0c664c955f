"""What a run concludes of one target: what answers for whom, how sure it is, and how good it was.

Levels were decided on validation rows; calibration is fitted to calibration rows; the test rows
are read here, once, for the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.metrics import skill
from tracer_ray.releases.manifest import Figures, digest
from tracer_ray.releases.tables import EntityRecord
from tracer_ray.report.contents import Outcomes
from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.splits import Part
from tracer_ray.training.enrolment import Fleet
from tracer_ray.training.judgement import Judged
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.responses import NO_RESPONSES, Responses
from tracer_ray.training.scoring import Judge, is_judged_whole
from tracer_ray.training.window_totals import WindowTotals, fit_totals, total_scores
from tracer_ray.uncertainty.distribution import Distribution
from tracer_ray.uncertainty.meetings import mirrored
from tracer_ray.uncertainty.survival import SurvivalByRisk, survival_by_risk, survival_error
from tracer_ray.uncertainty.uncertainty import Uncertainty, fit_uncertainty


@dataclass(frozen=True)
class Conclusion:
    """The test rows' figures of every level, what the report shows, and what was fitted."""

    uncertainty: Uncertainty
    figures: Figures
    baselines: Mapping[str, Mapping[str, float]]
    outcomes: Outcomes
    entities: tuple[EntityRecord, ...]
    responses: Responses = NO_RESPONSES


def conclude(
    plan: TrainingPlan,
    target: str,
    rows: Judged,
    fleet: Fleet,
    windows: Mapping[int, WindowTotals] = MappingProxyType({}),
    responses: Responses = NO_RESPONSES,
) -> Conclusion:
    """Calibrate on the calibration rows, then score every level on the test rows.

    `windows` are whole windows of forecasts, by their days, where sums are answered; `responses`
    what entities do when their prices change, where that is.
    """
    earlier = rows.take(rows.part != Part.TEST)
    has_draws = plan.blueprint.sides is not None and _has_draws(earlier)
    if plan.blueprint.sides:
        rows = rows.reconciled(has_draws=has_draws)
    calibration, test = (
        rows.take(chosen) for chosen in (rows.part != Part.TEST, rows.part == Part.TEST)
    )
    uncertainty = _fitted(plan, target, calibration, fleet, has_draws=has_draws)
    uncertainty = replace(uncertainty, totals=fit_totals(windows))
    other = test.ours[mirrored(test.meeting)] if test.is_sided else None
    ours = uncertainty.calibrate(test.ours, other)
    judge = Judge(plan.blueprint, target, test.actual, test.position, test.owner)
    scores = (
        judge.point_scores(ours)
        | judge.spread_scores(ours, uncertainty.distribution, test.spread)
        | total_scores(windows, uncertainty.totals, plan.blueprint.period)
        | _survival_scores(test, ours, uncertainty)
    )
    pooled, baselines = _scores_of_others(judge, calibration, test, plan)
    hardest = fleet.standing.baseline
    figures = Figures(
        metric=plan.blueprint.metric,
        rows=len(test) // (2 if plan.blueprint.sides else 1),
        tested_on=digest("\n".join(test.keys).encode()),
        ours=scores | dict(responses.scores.get("ours", {})),
        pooled=pooled,
        baseline=baselines[hardest] | dict(responses.scores.get("baseline", {})),
    )
    return Conclusion(
        uncertainty=uncertainty,
        figures=figures,
        baselines={
            name: baselines[name] for name in sorted(baselines, key=lambda name: name != hardest)
        },
        outcomes=_outcomes(test, ours, uncertainty),
        entities=_entity_records(plan, target, (test, ours), fleet),
        responses=responses,
    )


def _fitted(
    plan: TrainingPlan, target: str, calibration: Judged, fleet: Fleet, *, has_draws: bool
) -> Uncertainty:
    """How sure answers are, by the calibration rows."""
    fitted = fit_uncertainty(
        calibration.ours,
        calibration.actual,
        plan.answer(target),
        has_draws=has_draws,
        spread=calibration.spread,
    )
    if fleet.standing.is_baseline:
        fitted = fitted.as_said()
    naive = None
    if is_judged_whole(plan.blueprint):
        naive = _distribution_of(calibration, calibration.baselines[fleet.standing.baseline], None)
    return replace(fitted, naive=naive, survival=_survival(plan, calibration, fitted))


def _scores_of_others(
    judge: Judge, calibration: Judged, test: Judged, plan: TrainingPlan
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The test rows' scores of the pooled model and of every baseline.

    Where distributions are judged each gets its own, fitted to the same calibration rows.
    """
    pooled = judge.point_scores(test.pooled)
    baselines = {name: judge.point_scores(said) for name, said in test.baselines.items()}
    if is_judged_whole(plan.blueprint):
        around = _distribution_of(calibration, calibration.pooled, calibration.spread)
        pooled |= judge.spread_scores(test.pooled, around, test.spread)
        for name, said in test.baselines.items():
            width = _distribution_of(calibration, calibration.baselines[name], None)
            baselines[name] |= judge.spread_scores(said, width, None)
    return pooled, baselines


def _distribution_of(
    calibration: Judged, said: FloatArray, spread: FloatArray | None
) -> Distribution | None:
    """The distribution around forecasts other than ours, from the same rows."""
    return fit_uncertainty(said, calibration.actual, Answer.NUMBER, spread=spread).distribution


def _survival(plan: TrainingPlan, rows: Judged, uncertainty: Uncertainty) -> SurvivalByRisk | None:
    """How long the calibration rows lasted, by the probability that they are answered with."""
    if plan.blueprint.lifetime is None:
        return None
    return survival_by_risk(uncertainty.calibrate(rows.ours), rows.lasted, rows.ended)


def _survival_scores(test: Judged, ours: FloatArray, uncertainty: Uncertainty) -> dict[str, float]:
    """How far the curves are from how long the test rows lasted, where there are curves."""
    if uncertainty.survival is None:
        return {}
    error = survival_error(uncertainty.survival, ours, test.lasted, test.ended)
    return {"survival_error": error}


def _outcomes(test: Judged, ours: FloatArray, uncertainty: Uncertainty) -> Outcomes:
    distribution = uncertainty.distribution
    if distribution is None:
        return Outcomes(actual=test.actual, predicted=ours, uncalibrated=test.ours)
    lines = np.floor(next(iter(test.baselines.values()))) + 0.5
    return Outcomes(
        actual=test.actual,
        predicted=ours,
        pit=_pit(test.actual, ours, distribution, test.spread),
        over_probability=distribution.over(ours, lines, test.spread),
        is_over=(test.actual > lines).astype(np.float64),
    )


def _pit(
    actual: FloatArray, ours: FloatArray, distribution: Distribution, spread: FloatArray | None
) -> FloatArray:
    """Where outcomes fall in their distributions, spread evenly over the steps of a count."""
    below = distribution.under(ours, actual, spread)
    above = distribution.over(ours, actual, spread)
    within = np.random.default_rng(0).random(len(actual))
    return below + within * (1.0 - above - below)


def _has_draws(rows: Judged) -> bool:
    """Whether any meeting was won by neither side: its rows' outcomes sum to 0."""
    meetings, where = np.unique(rows.meeting.astype(np.str_), return_inverse=True)
    won = np.bincount(where, weights=rows.actual, minlength=len(meetings))
    sides = np.bincount(where, minlength=len(meetings))
    return bool(((won == 0.0) & (sides == 2)).any())


def _entity_records(
    plan: TrainingPlan,
    target: str,
    judged: tuple[Judged, FloatArray],
    fleet: Fleet,
) -> tuple[EntityRecord, ...]:
    """One record per owner: what answers, why, and its losses."""
    test, ours = judged
    said = (ours, test.pooled, test.baselines[fleet.standing.baseline])
    tested, losses = _losses_by_owner(plan, target, test, said)
    return tuple(
        replace(
            fleet.record(target, row["owner"]),
            label=row["label"] or row["owner"],
            rows=row["rows"],
            last_seen=row["last_time"].isoformat() if plan.blueprint.time else "",
            test_ours=losses[0, number],
            test_pooled=losses[1, number],
            test_baseline=losses[2, number],
            test_rows=int(tested[number]),
            skill=skill(losses[0, number], losses[2, number]),
        )
        for number, row in enumerate(
            plan.dataset.entities.select(["owner", "label", "rows", "last_time"]).to_pylist()
        )
    )


def _losses_by_owner(
    plan: TrainingPlan, target: str, test: Judged, said: tuple[FloatArray, ...]
) -> tuple[IntArray, FloatArray]:
    """Test rows per owner, and each forecast's mean loss [forecasts, owners], NaN without rows."""
    goal = plan.objective(target)
    count = len(plan.dataset.entities)
    tested = np.bincount(test.owner, minlength=count)
    sums = [
        np.bincount(test.owner, weights=goal.losses(test.actual, each), minlength=count)
        for each in said
    ]
    return tested, np.where(tested > 0, np.array(sums) / np.maximum(tested, 1), np.nan)
