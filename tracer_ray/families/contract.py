"""What every model family takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.errors import TrainingError
from tracer_ray.rows import Float32Array, FloatArray

Loss = Literal["absolute", "squared", "log_loss"]
Settings = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Task:
    """What is to be learned.

    `categorical` are the positions of features that hold codes of a vocabulary (-1 is unknown);
    the loss of a probability is always "log_loss".
    """

    answer: Answer
    loss: Loss
    feature_names: tuple[str, ...]
    categorical: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a loss that does not fit the answer."""
        if (self.loss == "log_loss") != (self.answer is Answer.PROBABILITY):
            raise TrainingError(f"loss {self.loss!r} does not fit the answer {self.answer.value!r}")


@dataclass(frozen=True)
class Matrix:
    """Rows to learn from: `x` float32 [rows, features] with NaN for null, the others [rows].

    `offset` is what is known already: a value that a number's model corrects, or the log-odds that
    a probability's model starts from. `weight` is how much a row counts.
    """

    x: Float32Array
    y: FloatArray
    offset: FloatArray | None = None
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse what no family could learn from."""
        if not len(self.y):
            raise TrainingError("no rows to learn from")
        if not np.isfinite(self.y).all():
            raise TrainingError("an outcome is null or infinite; leave such rows out")

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.y)

    @property
    def weights(self) -> FloatArray:
        """The weights, 1.0 each where none are given."""
        return np.ones(len(self.y)) if self.weight is None else self.weight

    @property
    def offsets(self) -> FloatArray:
        """The offsets, 0.0 each where none are given."""
        return np.zeros(len(self.y)) if self.offset is None else self.offset

    def without_offset(self) -> "Matrix":
        """The rows with what the offset leaves to explain as their outcome (numbers only)."""
        return replace(self, y=self.y - self.offsets, offset=None)


@dataclass(frozen=True)
class Resources:
    """What a fit may use: exactly so many threads, and one seed."""

    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Range:
    """One setting of a family: where the search looks, and its value when nothing is said."""

    name: str
    low: float
    high: float
    default: float
    is_log: bool = False
    is_integer: bool = False


class Model(Protocol):
    """A fitted model; the same rows give the same answers on any number of threads."""

    @property
    def rounds(self) -> int:
        """The boosting rounds kept after early stopping; 0 for a family without rounds."""
        ...

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """Values or probabilities, float64 [rows].

        The offset must be given exactly where the model was fitted with one (else ValueError).
        """
        ...

    def contributions(self, x: Float32Array) -> FloatArray:
        """What each feature adds, float64 [rows, features + 1]; the last column is the rest.

        A row's sum is the predicted value without its offset; for a probability its log-odds.
        """
        ...

    def importances(self) -> FloatArray:
        """How much each feature matters, float64 [features], summing to 1 (or all 0)."""
        ...

    def to_bytes(self) -> bytes:
        """The model in its native format; `Family.load` reads it and never unpickles."""
        ...


class Family(Protocol):
    """A kind of model."""

    @property
    def name(self) -> str:
        """The name in blueprints."""
        ...

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The settings, and where a search looks for them."""
        ...

    def accepts_offset(self, answer: Answer) -> bool:
        """Whether a model of that answer can start from an offset."""
        ...

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> Model:
        """A model of the training rows; validation rows stop boosting early.

        TrainingError for an unknown setting, or an offset that the family can't use.
        """
        ...

    def load(self, data: bytes) -> Model:
        """The model of `to_bytes`; ReleaseError where the bytes are none."""
        ...


def complete_settings(family: Family, given: Settings, *extra: Range) -> dict[str, float]:
    """The given settings, and the defaults of the others; TrainingError for unknown ones."""
    ranges = (*family.ranges, *extra)
    unknown = sorted(set(given) - {each.name for each in ranges})
    if unknown:
        known = ", ".join(each.name for each in ranges)
        raise TrainingError(f"{family.name} has no setting {unknown[0]!r}; it has {known}")
    values = {each.name: float(given.get(each.name, each.default)) for each in ranges}
    return {
        each.name: round(values[each.name]) if each.is_integer else values[each.name]
        for each in ranges
    }


def checked_offset(offset: FloatArray | None, is_expected: bool, rows: int) -> FloatArray:
    """The offset, zeros where none is expected; ValueError where it is missing or too much."""
    if is_expected != (offset is not None):
        was = "with" if is_expected else "without"
        raise ValueError(f"the model was fitted {was} an offset; predict {was} one")
    return np.zeros(rows) if offset is None else offset


def refuse_offset(family: Family, task: Task, train: Matrix) -> None:
    """TrainingError where the rows have an offset and the family can't start from one."""
    if train.offset is not None and not family.accepts_offset(task.answer):
        raise TrainingError(
            f"{family.name} can't start a {task.answer.value} from an offset; "
            "blend it with the pooled model instead"
        )


def shares(gains: FloatArray) -> FloatArray:
    """Non-negative gains as shares that sum to 1; all 0 where nothing was gained."""
    total = float(gains.sum())
    return gains / total if total > 0 else np.zeros(len(gains))
