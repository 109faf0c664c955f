"""Fitting and loading models of any family on the scale on which they add up.

A family learns numbers and probabilities. Amounts are learned as numbers on their logarithm, and
answered as amounts again; a candidate may begin at a feature, such as a naive forecast, and learn
only what that leaves, from other features as they are or relative to it. No family has to know of
any of this.
"""

import struct
from dataclasses import dataclass, replace
from functools import partial

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
class StartedModel:
    """A model of what a feature leaves to explain, that answers the whole.

    Where the feature is null, `fill` stands in for it. The feature has the answer's own scale: a
    model of probabilities starts from a probability. The inner model reads the features at
    `relative` minus the feature, so that it knows how a series moves and not how high it stands;
    their median stands in for the feature before `fill` does, so that a series keeps its height.
    """

    inner: Model
    start: int
    fill: float
    answer: Answer
    relative: tuple[int, ...] = ()

    @property
    def rounds(self) -> int:
        """The boosting rounds kept after early stopping; 0 for a family without rounds."""
        return self.inner.rounds

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values, float64 [rows]; ValueError with an offset of the caller's."""
        if offset is not None:
            raise ValueError("the model starts from a feature; predict without an offset")
        return self.inner.predict(self._read(x), self._begin(x))

    def contributions(self, x: Float32Array) -> FloatArray:
        """What each feature adds, float64 [rows, features + 1], the start with its own value."""
        parts = self.inner.contributions(self._read(x))
        parts[:, self.start] += self._begin(x)
        return parts

    def importances(self) -> FloatArray:
        """How much each feature matters beside the start, float64 [features]."""
        return self.inner.importances()

    def _read(self, x: Float32Array) -> Float32Array:
        return _relative_to(x, self.start, self.fill, self.relative)

    def _begin(self, x: Float32Array) -> FloatArray:
        return to_link(_filled(x, self.start, self.fill, self.relative), self.answer)

    def to_bytes(self) -> bytes:
        """What stands in for a null start, then the inner model in its native format."""
        return _FILL.pack(self.fill) + self.inner.to_bytes()


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
    place, fill = int(start), _usual(train.x[:, int(start)])
    train = _where_known(train, place) if relative else train
    start_of_rows = partial(_started, start=place, fill=fill, answer=task.answer, relative=relative)
    train, validation = start_of_rows(train), start_of_rows(validation) if validation else None
    inner = chosen.fit(task, train, validation, settings, resources)
    begun = StartedModel(inner, place, fill, task.answer, relative)
    return AmountModel(begun) if is_amount else begun


def load_model(name: str, data: bytes, settings: Settings, answer: Answer) -> Model:
    """The model that a family wrote when it was fitted with these settings, for such answers."""
    if START in settings:
        (fill,) = _FILL.unpack(data[: _FILL.size])
        inner = family(name).load(data[_FILL.size :])
        linked = Answer.NUMBER if answer is Answer.AMOUNT else answer
        relative = _positions(settings.get(RELATIVE, ""))
        model: Model = StartedModel(inner, int(settings[START]), fill, linked, relative)
    else:
        model = family(name).load(data)
    return AmountModel(model) if answer is Answer.AMOUNT else model


def start_of(model: Model) -> int | None:
    """The position of the feature that a model begins at, None where it begins at none."""
    inner = model.inner if isinstance(model, AmountModel) else model
    return inner.start if isinstance(inner, StartedModel) else None


def _linked(rows: Matrix) -> Matrix:
    return replace(rows, y=to_link(rows.y, Answer.AMOUNT))


def _positions(listed: float | int | str) -> tuple[int, ...]:
    return tuple(map(int, str(listed).split(","))) if listed else ()


def _started(
    rows: Matrix, start: int, fill: float, answer: Answer, relative: tuple[int, ...]
) -> Matrix:
    if rows.offset is not None:
        raise TrainingError("a model that starts from a feature can't start from an offset too")
    begin = to_link(_filled(rows.x, start, fill, relative), answer)
    return replace(rows, x=_relative_to(rows.x, start, fill, relative), offset=begin)


def _where_known(rows: Matrix, start: int) -> Matrix:
    """The rows with a start, where most have one: those relative to a stand-in blur the others."""
    known = np.isfinite(rows.x[:, start])
    if known.all() or known.mean() < _MOST or rows.offset is not None:
        return rows
    weight = rows.weight[known] if rows.weight is not None else None
    return replace(rows, x=rows.x[known], y=rows.y[known], weight=weight)


def _relative_to(
    x: Float32Array, start: int, fill: float, relative: tuple[int, ...]
) -> Float32Array:
    if not relative:
        return x
    read = x.copy()
    read[:, relative] -= _filled(x, start, fill, relative)[:, None].astype(np.float32)
    return read


def _filled(x: Float32Array, start: int, fill: float, relative: tuple[int, ...]) -> FloatArray:
    """The feature to start from, float64 [rows], with what stands in for it where it is null."""
    values = x[:, start].astype(np.float64)
    lost = np.flatnonzero(~np.isfinite(values))
    for row in lost.tolist():
        levels = x[row, list(relative)]
        known = levels[np.isfinite(levels)]
        values[row] = np.median(known) if len(known) else fill
    return values


def _usual(values: Float32Array) -> float:
    """The median of what is known, 0 where nothing is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0
