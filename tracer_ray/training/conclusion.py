"""What a run concludes of one target: what answers for whom, how sure it is, and how good it was.

Levels were decided on validation rows; calibration is fitted to calibration rows; the test rows
are read here, once, for the report.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from tracer_ray.blueprint import Answer, Blueprint
from tracer_ray.cross_section import rank_scores
from tracer_ray.metrics import Need, metric, quantile_levels, skill
from tracer_ray.releases.manifest import Figures, digest
from tracer_ray.releases.tables import EntityRecord
from tracer_ray.report.contents import Outcomes
from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.splits import Part
from tracer_ray.training.enrolment import Fleet
from tracer_ray.training.judgement import Judged
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.responses import NO_RESPONSES, Responses
from tracer_ray.training.window_totals import WindowTotals, fit_totals, total_scores
from tracer_ray.uncertainty.distribution import Distribution
from tracer_ray.uncertainty.meetings import mirrored
from tracer_ray.uncertainty.survival import SurvivalByRisk, survival_by_risk, survival_error
from tracer_ray.uncertainty.tails import tail_scores, tails
from tracer_ray.uncertainty.uncertainty import INTERVAL_COVERAGE, Uncertainty, fit_uncertainty

METRICS = {
    Answer.NUMBER: ("mae", "rmse"),
    Answer.AMOUNT: ("rmsle", "mae", "rmse", "wape", "rmspe"),
    Answer.PROBABILITY: ("log_loss", "brier", "auc", "pr_auc", "ece"),
}
CRPS_LEVELS = 99


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
    answer = plan.answer(target)
    earlier = rows.take(rows.part != Part.TEST)
    has_draws = plan.blueprint.sides is not None and _has_draws(earlier)
    if plan.blueprint.sides:
        rows = rows.reconciled(has_draws=has_draws)
    calibration = rows.take(rows.part != Part.TEST)
    uncertainty = replace(
        fit_uncertainty(
            calibration.ours,
            calibration.actual,
            answer,
            has_draws=has_draws,
            spread=calibration.spread,
        ),
        totals=fit_totals(windows),
    )
    if fleet.standing.is_baseline:
        uncertainty = uncertainty.as_said()
    if is_judged_whole(plan.blueprint):
        naive = _fit_naive(calibration, fleet.standing.baseline)
        uncertainty = replace(uncertainty, naive=naive.distribution)
    uncertainty = replace(uncertainty, survival=_survival(plan, calibration, uncertainty))
    test = rows.take(rows.part == Part.TEST)
    other = test.ours[mirrored(test.meeting)] if test.is_sided else None
    ours = uncertainty.calibrate(test.ours, other)
    in_order = _order_scores(plan.blueprint, target, test)
    whole = _whole_scores(plan.blueprint, calibration, test)
    figures = Figures(
        metric=plan.blueprint.metric,
        rows=len(test) // (2 if plan.blueprint.sides else 1),
        tested_on=digest("\n".join(test.keys).encode()),
        ours=score(test.actual, ours, answer)
        | spread_scores(test.actual, ours, uncertainty, test.spread)
        | total_scores(windows, uncertainty.totals)
        | risk_scores(
            plan.blueprint,
            uncertainty.distribution,
            (test.actual, ours),
            test.owner,
            test.spread,
        )
        | in_order(ours)
        | _survival_scores(test, ours, uncertainty)
        | dict(responses.scores.get("ours", {})),
        pooled=score(test.actual, test.pooled, answer) | in_order(test.pooled) | whole(""),
        baseline=score(test.actual, test.baselines[fleet.standing.baseline], answer)
        | whole(fleet.standing.baseline)
        | dict(responses.scores.get("baseline", {})),
    )
    return Conclusion(
        uncertainty=uncertainty,
        figures=figures,
        baselines={
            name: score(test.actual, test.baselines[name], answer) | whole(name)
            for name in sorted(test.baselines, key=lambda name: name != fleet.standing.baseline)
        },
        outcomes=_outcomes(test, ours, uncertainty),
        entities=_entity_records(plan, target, (test, ours), fleet),
        responses=responses,
    )


def is_judged_whole(blueprint: Blueprint) -> bool:
    """Whether forecasts are judged by their distributions."""
    return metric(blueprint.metric).need is Need.QUANTILES


def _fit_naive(calibration: Judged, baseline: str) -> Uncertainty:
    """The distribution of a baseline, of one width: what past rows fell from it by."""
    said = calibration.baselines[baseline]
    return fit_uncertainty(said, calibration.actual, Answer.NUMBER)


def _whole_scores(
    blueprint: Blueprint, calibration: Judged, test: Judged
) -> Callable[[str], dict[str, float]]:
    """What judges distributions, of a baseline by its name, of the pooled model by ""."""

    def scores(name: str) -> dict[str, float]:
        if not is_judged_whole(blueprint):
            return {}
        if not name:
            known = (calibration.pooled, calibration.actual, Answer.NUMBER)
            fitted = fit_uncertainty(*known, spread=calibration.spread)
            return spread_scores(test.actual, test.pooled, fitted, test.spread)
        fitted, said = _fit_naive(calibration, name), test.baselines[name]
        risks = risk_scores(blueprint, fitted.distribution, (test.actual, said), test.owner)
        return spread_scores(test.actual, said, fitted) | risks

    return scores


def risk_scores(
    blueprint: Blueprint,
    distribution: Distribution | None,
    said: tuple[FloatArray, FloatArray],
    owners: IntArray,
    spread: FloatArray | None = None,
) -> dict[str, float]:
    """How often losses went beyond the values at risk that are answered, if any are.

    `said` are the outcomes and the forecasts of them, float64 [rows] each.
    """
    actual, forecast = said
    if distribution is None or not blueprint.tails:
        return {}
    return tail_scores(actual, tails(distribution, forecast, spread, blueprint.tails), owners)


def order_scores(
    blueprint: Blueprint, target: str, actual: FloatArray, said: FloatArray, days: FloatArray
) -> dict[str, float]:
    """How well forecasts order the rows of each day, where the blueprint ranks them."""
    span = blueprint.target(target).span
    lag = span.rows - 1 if span else 0
    return rank_scores(actual, said, days, lag) if blueprint.ranks else {}


def _order_scores(
    blueprint: Blueprint, target: str, test: Judged
) -> Callable[[FloatArray], dict[str, float]]:
    return lambda said: order_scores(blueprint, target, test.actual, said, test.position)


def score(actual: FloatArray, predicted: FloatArray, answer: Answer) -> dict[str, float]:
    """The metrics that fit the answer, by name."""
    return {name: metric(name).score(actual, predicted) for name in METRICS[answer]}


def spread_scores(
    actual: FloatArray,
    ours: FloatArray,
    uncertainty: Uncertainty,
    spread: FloatArray | None = None,
) -> dict[str, float]:
    """How good the predictive distribution is: CRPS, and the coverage of its interval."""
    distribution = uncertainty.distribution
    if distribution is None or not len(actual):
        return {}
    quantiles = distribution.quantile(ours, quantile_levels(CRPS_LEVELS), spread)
    interval = distribution.interval(ours, INTERVAL_COVERAGE, spread)
    return {
        "crps": metric("crps").score(actual, quantiles),
        "coverage": metric("coverage").score(actual, interval),
    }


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
