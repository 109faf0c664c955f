"""Fitting and loading models of any family on the scale on which they add up.

A family learns numbers and probabilities. Amounts are learned as numbers on their logarithm, and
answered as amounts again; a candidate may begin at a feature, such as a naive forecast, and learn
only what that leaves. No family has to know of either.
"""

from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.blueprint import Answer, Candidate
from tracer_ray.errors import TrainingError
from tracer_ray.families import family
from tracer_ray.families.contract import Matrix, Model, Resources, Settings, Task
from tracer_ray.link import from_link, to_link
from tracer_ray.rows import Float32Array, FloatArray

START = "start"  # the setting that names a feature to begin at, by its position


@dataclass(frozen=True)
class StartedModel:
    """A model of what a feature leaves to explain (0 where it is null), that answers the whole.

    So a naive forecast is a candidate too: a linear model of nothing but its start.
    """

    inner: Model
    start: int

    @property
    def rounds(self) -> int:
        """The boosting rounds kept after early stopping; 0 for a family without rounds."""
        return self.inner.rounds

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values, float64 [rows]; ValueError with an offset of the caller's."""
        if offset is not None:
            raise ValueError("the model starts from a feature; predict without an offset")
        return self.inner.predict(x, _start_of(x, self.start))

    def contributions(self, x: Float32Array) -> FloatArray:
        """What each feature adds, float64 [rows, features + 1], the start with its own value."""
        parts = self.inner.contributions(x)
        parts[:, self.start] += _start_of(x, self.start)
        return parts

    def importances(self) -> FloatArray:
        """How much each feature matters beside the start, float64 [features]."""
        return self.inner.importances()

    def to_bytes(self) -> bytes:
        """The inner model in its native format."""
        return self.inner.to_bytes()


@dataclass(frozen=True)
class AmountModel:
    """A model of log(1 + amount) that answers amounts; offsets and contributions are logarithms."""

    inner: Model

    @property
    def rounds(self) -> int:
        """The boosting rounds kept after early stopping; 0 for a family without rounds."""
        return self.inner.rounds

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Amounts, float64 [rows], from 0 up."""
        return from_link(self.inner.predict(x, offset), Answer.AMOUNT)

    def contributions(self, x: Float32Array) -> FloatArray:
        """What each feature adds to log(1 + amount), float64 [rows, features + 1]."""
        return self.inner.contributions(x)

    def importances(self) -> FloatArray:
        """How much each feature matters, float64 [features], summing to 1 (or all 0)."""
        return self.inner.importances()

    def to_bytes(self) -> bytes:
        """The inner model in its native format."""
        return self.inner.to_bytes()


def fit_candidate(
    task: Task,
    train: Matrix,
    validation: Matrix | None,
    candidate: Candidate,
    resources: Resources,
) -> Model:
    """The candidate fitted to the training rows; validation rows stop boosting early.

    Outcomes are given on their own scale, offsets on the scale on which models add up. A candidate
    with the setting `start` begins at that feature. TrainingError where the family refuses.
    """
    settings = candidate.settings
    start = settings.pop(START, None)
    if task.answer is Answer.AMOUNT:
        task = replace(task, answer=Answer.NUMBER)
        train, validation = _linked(train), _linked(validation) if validation else None
        is_amount = True
    else:
        is_amount = False
    if start is not None:
        train = _started(train, int(start))
        validation = _started(validation, int(start)) if validation else None
    model = family(candidate.family).fit(task, train, validation, settings, resources)
    return _wrapped(model, start, is_amount=is_amount)


def load_model(name: str, data: bytes, settings: Settings, answer: Answer) -> Model:
    """The model that a family wrote when it was fitted with these settings, for such answers."""
    model = family(name).load(data)
    return _wrapped(model, settings.get(START), is_amount=answer is Answer.AMOUNT)


def start_of(model: Model) -> int | None:
    """The position of the feature that a model begins at, None where it begins at none."""
    inner = model.inner if isinstance(model, AmountModel) else model
    return inner.start if isinstance(inner, StartedModel) else None


def _wrapped(model: Model, start: float | int | str | None, *, is_amount: bool) -> Model:
    started = model if start is None else StartedModel(model, int(start))
    return AmountModel(started) if is_amount else started


def _linked(rows: Matrix) -> Matrix:
    return replace(rows, y=to_link(rows.y, Answer.AMOUNT))


def _started(rows: Matrix, start: int) -> Matrix:
    if rows.offset is not None:
        raise TrainingError("a model that starts from a feature can't start from an offset too")
    return replace(rows, offset=_start_of(rows.x, start))


def _start_of(x: Float32Array, start: int) -> FloatArray:
    return np.nan_to_num(x[:, start].astype(np.float64), nan=0.0)
