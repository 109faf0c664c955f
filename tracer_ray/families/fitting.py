"""Fitting and loading models of any family on the scale on which they add up.

A family learns numbers and probabilities. Amounts are learned as numbers on their logarithm, and
answered as amounts again; a candidate may begin at a feature, such as a naive forecast, and learn
only what that leaves, from other features as they are or relative to it. No family has to know of
any of this.
"""

import struct
from dataclasses import dataclass, replace

import numpy as np

from tracer_ray.blueprint import Answer, Candidate
from tracer_ray.errors import TrainingError
from tracer_ray.families import family
from tracer_ray.families.contract import Matrix, Model, Resources, Settings, Task
from tracer_ray.link import from_link, to_link
from tracer_ray.rows import Float32Array, FloatArray

_FILL = struct.Struct("<d")
_MOST = 0.5
START = "start"  # the setting that names a feature to begin at, by its position
RELATIVE = "relative"  # the setting that lists features to read minus the start, by position


@dataclass(frozen=True)
class Start:
    """A feature that models begin at, by its `position`; it has the answer's own scale.

    Where it is null, the median of the features at `relative` stands in for it, so that a series
    keeps its height, and then `fill`. These features are read minus the start: how a series moves
    and not how high it stands.
    """

    position: int
    fill: float
    answer: Answer
    relative: tuple[int, ...] = ()

    def apply(self, x: Float32Array) -> tuple[Float32Array, FloatArray]:
        """The features as models read them, and where they begin on the scale they add up on."""
        values = self._values(x)
        if not self.relative:
            return x, to_link(values, self.answer)
        read = x.copy()
        read[:, self.relative] -= values[:, None].astype(np.float32)
        return read, to_link(values, self.answer)

    def of_rows(self, rows: Matrix) -> Matrix:
        """Rows to learn what the start leaves; TrainingError with an offset of their own."""
        if rows.offset is not None:
            raise TrainingError("a model that starts from a feature can't start from an offset too")
        x, begin = self.apply(rows.x)
        return replace(rows, x=x, offset=begin)

    def _values(self, x: Float32Array) -> FloatArray:
        values = x[:, self.position].astype(np.float64)
        is_lost = ~np.isfinite(values)
        values[is_lost] = self.fill
        levels = x[is_lost][:, list(self.relative)]
        levels = np.where(np.isfinite(levels), levels, np.nan)
        is_level = np.isfinite(levels).any(axis=1)
        values[np.flatnonzero(is_lost)[is_level]] = np.nanmedian(levels[is_level], axis=1)
        return values


@dataclass(frozen=True)
class StartedModel:
    """A model of what a start leaves to explain, that answers the whole."""

    inner: Model
    start: Start

    @property
    def rounds(self) -> int:
        """The boosting rounds kept after early stopping; 0 for a family without rounds."""
        return self.inner.rounds

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values, float64 [rows]; ValueError with an offset of the caller's."""
        if offset is not None:
            raise ValueError("the model starts from a feature; predict without an offset")
        return self.inner.predict(*self.start.apply(x))

    def contributions(self, x: Float32Array) -> FloatArray:
        """What each feature adds, float64 [rows, features + 1], the start with its own value."""
        read, begin = self.start.apply(x)
        parts = self.inner.contributions(read)
        parts[:, self.start.position] += begin
        return parts

    def importances(self) -> FloatArray:
        """How much each feature matters beside the start, float64 [features]."""
        return self.inner.importances()

    def to_bytes(self) -> bytes:
        """What stands in for a null start, then the inner model in its native format."""
        return _FILL.pack(self.start.fill) + self.inner.to_bytes()


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
    start, relative = settings.pop(START, None), _positions(settings.pop(RELATIVE, ""))
    if task.answer is Answer.AMOUNT:
        task = replace(task, answer=Answer.NUMBER)
        train, validation = _linked(train), _linked(validation) if validation else None
        is_amount = True
    else:
        is_amount = False
    chosen = family(candidate.family)
    if start is None:
        model = chosen.fit(task, train, validation, settings, resources)
        return AmountModel(model) if is_amount else model
    begin = Start(int(start), _usual(train.x[:, int(start)]), task.answer, relative)
    train = begin.of_rows(_where_known(train, begin.position) if relative else train)
    validation = begin.of_rows(validation) if validation else None
    begun = StartedModel(chosen.fit(task, train, validation, settings, resources), begin)
    return AmountModel(begun) if is_amount else begun


def load_model(name: str, data: bytes, settings: Settings, answer: Answer) -> Model:
    """The model that a family wrote when it was fitted with these settings, for such answers."""
    if START in settings:
        (fill,) = _FILL.unpack(data[: _FILL.size])
        inner = family(name).load(data[_FILL.size :])
        linked = Answer.NUMBER if answer is Answer.AMOUNT else answer
        relative = _positions(settings.get(RELATIVE, ""))
        model: Model = StartedModel(inner, Start(int(settings[START]), fill, linked, relative))
    else:
        model = family(name).load(data)
    return AmountModel(model) if answer is Answer.AMOUNT else model


def start_of(model: Model) -> int | None:
    """The position of the feature that a model begins at, None where it begins at none."""
    inner = model.inner if isinstance(model, AmountModel) else model
    return inner.start.position if isinstance(inner, StartedModel) else None


def _linked(rows: Matrix) -> Matrix:
    return replace(rows, y=to_link(rows.y, Answer.AMOUNT))


def _positions(listed: float | int | str) -> tuple[int, ...]:
    return tuple(map(int, str(listed).split(","))) if listed else ()


def _where_known(rows: Matrix, start: int) -> Matrix:
    """The rows with a start, where most have one: those relative to a stand-in blur the others."""
    known = np.isfinite(rows.x[:, start])
    if known.all() or known.mean() < _MOST or rows.offset is not None:
        return rows
    weight = rows.weight[known] if rows.weight is not None else None
    return replace(rows, x=rows.x[known], y=rows.y[known], weight=weight)


def _usual(values: Float32Array) -> float:
    """The median of what is known, 0 where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0
