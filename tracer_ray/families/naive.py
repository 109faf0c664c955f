"""A naive forecast as a candidate: it repeats the feature that it starts from and learns nothing.

Beside models that learn, naive forecasts steady an ensemble (Bates and Granger, 1969, The
combination of forecasts), above all where a series is short.
"""

import struct
from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.errors import ReleaseError, TrainingError
from tracer_ray.families.contract import Matrix, Model, Range, Resources, Settings, Task
from tracer_ray.link import from_link
from tracer_ray.rows import Float32Array, FloatArray

_FACTS = struct.Struct("<q?")


@dataclass(frozen=True)
class NaiveModel:
    """What it is given as offset, beside so many features; of a probability the log-odds."""

    features: int
    is_probability: bool = False
    rounds: int = 0

    def predict(self, x: Float32Array, offset: FloatArray | None = None) -> FloatArray:
        """The offset, as a value or a probability, float64 [rows]; ValueError without one."""
        if offset is None:
            raise ValueError("a naive forecast repeats its offset; predict with one")
        return from_link(offset, Answer.PROBABILITY) if self.is_probability else offset

    def contributions(self, x: Float32Array) -> FloatArray:
        """Nothing beside the offset, float64 [rows, features + 1]."""
        return np.zeros((len(x), self.features + 1))

    def importances(self) -> FloatArray:
        """No feature matters beside the offset, float64 [features]."""
        return np.zeros(self.features)

    def to_bytes(self) -> bytes:
        """The number of features, and what it says: nothing else was learned."""
        return _FACTS.pack(self.features, self.is_probability)


@dataclass(frozen=True)
class NaiveFamily:
    """Forecasts that repeat a feature."""

    name: str = "naive"
    ranges: tuple[Range, ...] = ()

    def accepts_offset(self, answer: Answer) -> bool:
        """It is nothing but its offset."""
        return True

    def fit(
        self,
        task: Task,
        train: Matrix,
        validation: Matrix | None,
        settings: Settings,
        resources: Resources,
    ) -> Model:
        """The repeated offset; TrainingError without one, or with settings."""
        if settings or train.offset is None:
            raise TrainingError("a naive forecast takes a `start` and no other setting")
        return NaiveModel(train.x.shape[1], task.answer is Answer.PROBABILITY)

    def load(self, data: bytes) -> Model:
        """The model of `to_bytes`; ReleaseError where the bytes are none."""
        if len(data) != _FACTS.size:
            raise ReleaseError(f"{len(data)} bytes are no naive forecast; train the release again")
        return NaiveModel(*_FACTS.unpack(data))


FAMILY = NaiveFamily()
