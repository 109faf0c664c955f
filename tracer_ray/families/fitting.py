"""Fitting and loading models of any family on the scale on which they add up.

A family learns numbers and probabilities. Amounts are learned as numbers on their logarithm, and
answered as amounts again, so that no family has to know of them.
"""

from dataclasses import dataclass, replace

from tracer_ray.blueprint import Answer, Candidate
from tracer_ray.families import family
from tracer_ray.families.contract import Matrix, Model, Resources, Task
from tracer_ray.link import from_link, to_link
from tracer_ray.rows import Float32Array, FloatArray


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

    Outcomes are given on their own scale, offsets on the scale on which models add up.
    TrainingError where the family refuses.
    """
    chosen = family(candidate.family)
    if task.answer is not Answer.AMOUNT:
        return chosen.fit(task, train, validation, candidate.settings, resources)
    judged = _linked(validation) if validation else None
    number = replace(task, answer=Answer.NUMBER)
    return AmountModel(chosen.fit(number, _linked(train), judged, candidate.settings, resources))


def load_model(name: str, data: bytes, answer: Answer) -> Model:
    """The model that a family wrote, for answers of that kind."""
    model = family(name).load(data)
    return AmountModel(model) if answer is Answer.AMOUNT else model


def _linked(rows: Matrix) -> Matrix:
    return replace(rows, y=to_link(rows.y, Answer.AMOUNT))
