"""How every entity's quantity reacts to its price: estimated bucket by bucket, pooled over all.

The estimates that answer are fitted to all rows. Whether they are worth anything is measured with
estimates from the rows before the test rows only: the average quantity of the last rows before
the test, moved by what the price and the controls have changed since, beside that average itself
(of all rows where they have no time).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan
from types import MappingProxyType

import numpy as np

from tracer_ray.blueprint import Response
from tracer_ray.response.observations import Observations, observe
from tracer_ray.response.pooling import Elasticity, Pool, draw, own_interval
from tracer_ray.response.records import ANYBODY, EntityResponse, ResponseLevel
from tracer_ray.response.regression import (
    PriceRange,
    Slope,
    fit_slope,
    price_range,
)
from tracer_ray.rows import FloatArray, Rows
from tracer_ray.splits import Part
from tracer_ray.training.plan import TrainingPlan
from tracer_ray.training.selection import estimate_prior

RECENT_ROWS = 28
METRIC = "price_rmse"  # of log quantity; of ours with the price, of the baseline without


@dataclass(frozen=True)
class Estimate:
    """One entity's own slope (or why there is none), from all rows and from those before the test.

    `last` are the newest price and cost. The test rows, one entry each: `actual` log quantity,
    `recent` the average of the newest rows before, `moved` how log price and controls differ from
    those of the same rows, float64 [rows, 1 + controls].
    """

    owner: str
    rows: int
    slope: Slope | str
    earlier: Slope | str
    prices: PriceRange | None
    last: tuple[float, float]
    actual: FloatArray
    recent: FloatArray
    moved: FloatArray


@dataclass(frozen=True)
class Responses:
    """All entities' responses, what they show together, and scores on test rows by forecast."""

    entities: tuple[EntityResponse, ...]
    pool: Pool
    scores: Mapping[str, Mapping[str, float]]


NO_RESPONSES = Responses((), Pool(nan, inf, 0.0, 0), MappingProxyType({}))


def estimate_bucket(plan: TrainingPlan, target: str, bucket: int) -> tuple[Estimate, ...]:
    """The own estimates of one bucket's entities; none where no response of the target is asked."""
    response = plan.blueprint.response
    if response is None or response.target != target:
        return ()
    rows = plan.dataset.read_bucket(bucket)
    return tuple(_estimate(plan, response, rows, number) for number in range(len(rows.entities)))


def pool_responses(parts: Sequence[Sequence[Estimate]]) -> Responses:
    """Every entity's response after pooling, and how good forecasts by it were on test rows."""
    estimates = [each for part in parts for each in part]
    if not estimates:
        return NO_RESPONSES
    pool = _pool([each.slope for each in estimates])
    unknown = "nothing is known of its prices"
    none = np.empty(0)
    anybody = Estimate(ANYBODY, 0, unknown, unknown, None, (nan, nan), none, none, none)
    return Responses(
        tuple(_respond_to(each, pool) for each in (anybody, *estimates)),
        pool,
        _scores(estimates, _pool([each.earlier for each in estimates])),
    )


def _estimate(plan: TrainingPlan, response: Response, rows: Rows, number: int) -> Estimate:
    span = slice(int(rows.offsets[number]), int(rows.offsets[number + 1]))
    seen = observe(rows, response, span)
    is_test = plan.cuts.assign(seen.times, rows.keys[span][seen.place]) == Part.TEST
    before, test = seen.take(~is_test), seen.take(is_test)
    recent, moved = _against_recent(before, test)
    newest = rows.numbers[response.price][span], rows.numbers.get(response.cost, np.empty(0))[span]
    return Estimate(
        owner=str(rows.entities[number]),
        rows=span.stop - span.start,
        slope=fit_slope(seen),
        earlier=fit_slope(before),
        prices=price_range(seen) if len(seen) else None,
        last=(_last(newest[0]), _last(newest[1])),
        actual=test.log_quantity if len(before) else np.empty(0),
        recent=recent,
        moved=moved,
    )


def _against_recent(before: Observations, test: Observations) -> tuple[FloatArray, FloatArray]:
    """Each test row's group's average over its newest rows before, and how far it moved from it."""
    if not len(before):
        return np.empty(0), np.empty((0, 1 + test.controls.shape[1]))
    kinds = np.column_stack([before.log_quantity, before.log_price, before.controls])
    newest = RECENT_ROWS if before.is_dated else len(before)
    average = {
        group: kinds[before.group == group][-newest:].mean(axis=0)
        for group in np.unique(before.group).tolist()
    }
    overall = kinds[-newest:].mean(axis=0)
    means = np.array([average.get(group, overall) for group in test.group.tolist()])
    means = means.reshape(len(test), kinds.shape[1])
    return means[:, 0], np.column_stack([test.log_price, test.controls]) - means[:, 1:]


def _last(values: FloatArray) -> float:
    known = values[values > 0.0]
    return float(known[-1]) if len(known) else nan


def _pool(slopes: Sequence[Slope | str]) -> Pool:
    own = [each for each in slopes if isinstance(each, Slope)]
    found = np.array([each.elasticity for each in own])
    prior = estimate_prior(found, np.array([each.error for each in own]))
    return Pool(prior.mean, prior.mean_error, prior.spread, len(own))


def _respond_to(estimate: Estimate, pool: Pool) -> EntityResponse:
    own = estimate.slope if isinstance(estimate.slope, Slope) else None
    drawn = draw(own, pool)
    level, reason, refusal = _verdict(estimate, drawn, pool)
    shown = drawn if level is not ResponseLevel.REFUSED else None
    return EntityResponse(
        owner=estimate.owner,
        level=level,
        reason=reason,
        refusal=refusal,
        elasticity=shown.value if shown else nan,
        error=shown.error if shown else nan,
        low=shown.low if shown else nan,
        high=shown.high if shown else nan,
        own_elasticity=own.elasticity if own else nan,
        own_error=own.error if own else nan,
        price_low=estimate.prices.low if estimate.prices else nan,
        price_high=estimate.prices.high if estimate.prices else nan,
        last_price=estimate.last[0],
        last_cost=estimate.last[1],
        residual=own.residual if own else nan,
        rows=estimate.rows,
    )


def _verdict(
    estimate: Estimate, drawn: Elasticity | None, pool: Pool
) -> tuple[ResponseLevel, str, str]:
    """The level that answers, why, and why no price is recommended ("" where one is)."""
    slope, others = estimate.slope, f"that of {pool.entities} others ({pool.mean:.2f})"
    refused = ResponseLevel.REFUSED
    if drawn is None:
        return refused, "neither its own rows nor others tell an elasticity", str(slope)
    if isinstance(slope, Slope) and own_interval(slope)[0] > 0.0:
        why = f"its quantity rose with its price beyond chance ({_said(slope)}): something else "
        return refused, "its sign is implausible", why + "moved both"
    if drawn.value >= 0.0:
        return (
            refused,
            "its sign is implausible",
            f"the elasticity {drawn.value:.2f} is not below 0",
        )
    if not isinstance(slope, Slope):
        return ResponseLevel.POOLED, f"{slope}: the elasticity is {others}", slope
    if drawn.is_own:
        return ResponseLevel.ENTITY, f"its own rows tell it: {_said(slope)}", ""
    share = f"{drawn.own_share:.0%} of its own {_said(slope)}"
    return ResponseLevel.BLEND, f"{share}, the rest {others}", ""


def _said(slope: Slope) -> str:
    return f"{slope.elasticity:.2f} +- {slope.error:.2f}"


def _scores(estimates: Sequence[Estimate], pool: Pool) -> dict[str, dict[str, float]]:
    """The error of log quantity on test rows, with what the price says and without."""
    without = [each.actual - each.recent for each in estimates]
    if not sum(map(len, without)):
        return {}
    with_price = [
        left - _moved_by(each, pool) for left, each in zip(without, estimates, strict=True)
    ]
    named = {"ours": with_price, "baseline": without}
    return {
        name: {METRIC: float(np.sqrt(np.mean(np.concatenate(left) ** 2)))}
        for name, left in named.items()
    }


def _moved_by(estimate: Estimate, pool: Pool) -> FloatArray:
    """What the changes of price and controls do to log quantity, float64 [test rows]."""
    own = estimate.earlier if isinstance(estimate.earlier, Slope) else None
    drawn = draw(own, pool)
    if drawn is None:
        return np.zeros(len(estimate.actual))
    controls = own.controls if own else (0.0,) * (estimate.moved.shape[1] - 1)
    return np.asarray(estimate.moved @ np.array([drawn.value, *controls]), np.float64)
