"""The elastic net: linear and logistic regression with L1 and L2 penalties.

Own solvers, since a fleet fits thousands of these on a few hundred rows each: coordinate descent on
the Gram matrix, and for probabilities a proximal Newton iteration around it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.families.contract import (
    Matrix,
    Range,
    Resources,
    Settings,
    Task,
    complete_settings,
)
from tracer_ray.families.coordinate_descent import minimise
from tracer_ray.families.design_matrix import Design, design
from tracer_ray.families.linear_model import LinearModel, load_linear_model
from tracer_ray.link import log_odds, sigmoid
from tracer_ray.rows import FloatArray

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

_CURVATURE_ROWS = 20_000  # a sample shows the curvature well enough; the gradient is exact
_NEWTON_STEPS = 50
_PRIOR_ROWS = Range("prior_rows", 0, 10_000, 0)
_TOLERANCE = 1e-6  # largest move of a standardised slope


@dataclass(frozen=True)
class Penalty:
    """alpha (l1_ratio |b|_1 + (1 - l1_ratio) |b|_2^2 / 2) on standardised columns."""

    alpha: float
    l1_ratio: float

    @property
    def lasso(self) -> float:
        """The factor of the absolute slopes."""
        return self.alpha * self.l1_ratio

    @property
    def ridge(self) -> float:
        """The factor of half the squared slopes."""
        return self.alpha * (1.0 - self.l1_ratio)

    def of(self, slopes: FloatArray) -> float:
        """The penalty of these slopes."""
        return float(self.lasso * np.abs(slopes).sum() + self.ridge * (slopes @ slopes) / 2.0)


@dataclass(frozen=True)
class ElasticNet:
    """A penalised linear model of standardised features.

    A number's outcome is standardised too, so alpha means the same for every target: at alpha 1
    and l1_ratio 1 nothing is left. An absolute loss is served by the squared fit, its intercept
    moved by the median residual. Beside an offset the intercept is shrunk to 0 as by `prior_rows`
    rows without one. Nulls take the mean and get an indicator, codes one indicator
    each; values beyond the training range count as its end. Validation rows are not used. Always
    runs on one thread, so the same rows give the same bytes wherever they are fitted.
    """

    name: str = "elastic_net"
    ranges: tuple[Range, ...] = (
        Range("alpha", 0.01, 1.0, 0.05, is_log=True),
        Range("l1_ratio", 0.1, 0.9, 0.5),
    )

    def accepts_offset(self, answer: Answer) -> bool:
        """Always: numbers are fitted to what it leaves, log-odds start from it."""
        return True

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> LinearModel:
        """A linear model of the training rows."""
        values = complete_settings(self, settings, _PRIOR_ROWS)
        penalty = Penalty(values["alpha"], values["l1_ratio"])
        with _threadpools().limit(limits=1):
            columns = design(train, task.categorical)
            if task.answer is Answer.PROBABILITY:
                line = _probability(columns, penalty)
            else:
                line = _number(columns, penalty)
        model = _model(columns, line, is_probability=task.answer is Answer.PROBABILITY)
        shift = _median_residual(model, train) if task.loss == "absolute" else 0.0
        if train.offset is not None:
            doubt = values["prior_rows"] / (len(train) + values["prior_rows"])
            shift -= doubt * (line.intercept + shift)
        return model.shifted(shift)

    def load(self, data: bytes) -> LinearModel:
        """The model of .npz bytes."""
        return load_linear_model(data)


@dataclass(frozen=True)
class _Line:
    """Slopes of standardised columns, and the margin of the mean row."""

    slopes: FloatArray
    intercept: float

    def moved(self, by: "_Line", size: float) -> "_Line":
        return _Line(self.slopes + size * by.slopes, self.intercept + size * by.intercept)

    def margin(self, columns: Design) -> FloatArray:
        return columns.times(self.slopes) + self.intercept


def _median_residual(model: LinearModel, train: Matrix) -> float:
    residual = train.y - model.predict(train.x, train.offset)
    return _weighted_median(residual, train.weights)


def _number(columns: Design, penalty: Penalty) -> _Line:
    rest = columns.matrix.y - columns.matrix.offsets
    weight = columns.matrix.weights / columns.matrix.weights.sum()
    mean = float(weight @ rest)
    spread = float(np.sqrt(weight @ (rest - mean) ** 2)) or 1.0
    gram, _ = columns.curvature(weight)
    target = columns.gradient(weight * (rest - mean) / spread)
    slopes = minimise(gram, target, np.zeros(len(target)), penalty.lasso, penalty.ridge)
    return _Line(slopes * spread, mean)


def _probability(columns: Design, penalty: Penalty) -> _Line:
    """Proximal Newton steps (Lee, Sun and Saunders, 2014), halved until the objective falls."""
    matrix = columns.matrix
    weight = matrix.weights / matrix.weights.sum()
    line = _Line(np.zeros(len(columns.mean)), _first_intercept(matrix))
    margin = matrix.offsets + line.intercept
    loss = _objective(matrix, margin, line, penalty)
    for _ in range(_NEWTON_STEPS):
        step = _newton_step(columns, weight, margin, (line, penalty))
        change = step.margin(columns)
        for size in 0.5 ** np.arange(12):
            nearer = line.moved(step, size)
            lower = _objective(matrix, margin + size * change, nearer, penalty)
            if lower < loss:
                break
        else:
            return line
        line, margin, loss = nearer, margin + size * change, lower
        if max(np.abs(step.slopes).max(initial=0.0), abs(step.intercept)) < _TOLERANCE:
            break
    return line


def _newton_step(
    columns: Design, weight: FloatArray, margin: FloatArray, state: tuple[_Line, Penalty]
) -> _Line:
    """Where the penalised quadratic model around `margin` is least; the intercept is free."""
    line, penalty = state
    fitted = sigmoid(margin)
    rest = weight * (columns.matrix.y - fitted)
    heft = np.maximum(weight * fitted * (1.0 - fitted), 1e-9 * weight)
    gram, lean = columns.curvature(heft, step=max(1, len(heft) // _CURVATURE_ROWS))
    pull, free = columns.gradient(rest), float(rest.sum())
    reduced = gram - np.outer(lean, lean) / heft.sum()  # the intercept eliminated
    target = pull - lean * (free / heft.sum()) + reduced @ line.slopes
    slopes = minimise(reduced, target, line.slopes, penalty.lasso, penalty.ridge) - line.slopes
    return _Line(slopes, (free - float(lean @ slopes)) / float(heft.sum()))


def _objective(matrix: Matrix, margin: FloatArray, line: _Line, penalty: Penalty) -> float:
    losses = np.logaddexp(0.0, margin) - matrix.y * margin
    return float(matrix.weights @ losses / matrix.weights.sum()) + penalty.of(line.slopes)


def _first_intercept(matrix: Matrix) -> float:
    """The base rate's log-odds; 0 where an offset knows better."""
    if matrix.offset is not None:
        return 0.0
    rate = float(matrix.weights @ matrix.y / matrix.weights.sum())
    half_row = 0.5 / len(matrix)
    return float(log_odds(np.array([min(max(rate, half_row), 1.0 - half_row)]))[0])


def _model(columns: Design, line: _Line, is_probability: bool) -> LinearModel:
    scale = np.where(columns.spread > 0.0, columns.spread, np.inf)
    return LinearModel(
        columns.encoding,
        columns.mean,
        columns.spread,
        line.slopes / scale,
        line.intercept,
        is_probability,
        columns.matrix.offset is not None,
    )


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, 0.5)])


@cache
def _threadpools() -> "ThreadpoolController":
    """The BLAS libraries found; looking for them takes longer than a small fit."""
    from threadpoolctl import ThreadpoolController

    find = cast("Callable[[], ThreadpoolController]", ThreadpoolController)
    return find()


FAMILY = ElasticNet()
