"""A learned combination: what several components say of one outcome, weighed together.

It is made by `learning.py`, stored with its composite, and is nothing but numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tracer_ray.composites.stacking import Outcome
from tracer_ray.link import log_odds
from tracer_ray.rows import FloatArray
from tracer_ray.significance import ONE_SIDED_95_PERCENT

_EXACTLY = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
EQUAL, BASE_RATE = "equal weights", "base rate"


class Form(StrEnum):
    """How an answer becomes a signal."""

    LOG_ODDS = "log_odds"  # of a probability
    LOGARITHM = "logarithm"  # of an amount over the usual one, 0 at 0 and odd
    AS_IT_IS = "as_it_is"


@dataclass(frozen=True)
class Scale:
    """How a component's answers become standard scores that rise with the outcome.

    `unit` is the mean size of an amount, `center` and `spread` are the mean and the deviation of
    the signal; `direction` is -1 where the outcome falls as it rises. All are of the fitted rows.
    """

    __pydantic_config__ = _EXACTLY

    form: Form
    unit: float
    center: float
    spread: float
    direction: float

    @classmethod
    def of(cls, form: Form, values: FloatArray, actual: FloatArray) -> "Scale":
        """The scale of a component's answers to the fitted rows, float64 [rows]."""
        unit = float(np.abs(values).mean()) or 1.0
        signal = _signal(form, unit, values)
        together = float((signal - signal.mean()) @ (actual - actual.mean()))
        direction = -1.0 if together < 0.0 else 1.0
        return cls(form, unit, float(signal.mean()), float(signal.std()), direction)

    def scores(self, values: FloatArray) -> FloatArray:
        """The standard scores of answers; 0 where all fitted rows had the same.

        >>> Scale(Form.AS_IT_IS, 1.0, 5.0, 2.0, -1.0).scores(np.array([5.0, 9.0]))
        array([-0., -2.])
        """
        if not self.spread:
            return np.zeros(len(values))
        signal = _signal(self.form, self.unit, values)
        return self.direction * (signal - self.center) / self.spread


@dataclass(frozen=True)
class Blend:
    """An intercept, and the weight of each component's standard score."""

    __pydantic_config__ = _EXACTLY

    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Scales:
    """What is expected, and the scale of each component; `floor` is the least amount there is."""

    __pydantic_config__ = _EXACTLY

    outcome: Outcome
    by_component: Mapping[str, Scale]
    floor: float | None = None

    def link(self, blend: Blend, values: Mapping[str, FloatArray]) -> FloatArray:
        """The log odds or the amount that a blend makes of answers by component, float64 [rows]."""
        parts = [
            weight * self.by_component[name].scores(values[name])
            for name, weight in blend.weights.items()
        ]
        link: FloatArray = blend.intercept + np.sum(parts, axis=0)
        return link if self.floor is None else np.maximum(link, self.floor)

    def expected(self, blend: Blend, values: Mapping[str, FloatArray]) -> FloatArray:
        """The probability or the amount, float64 [rows]."""
        return self.outcome.mean(self.link(blend, values))

    def losses(
        self, blend: Blend, values: Mapping[str, FloatArray], actual: FloatArray
    ) -> FloatArray:
        """What a blend loses on each row, float64 [rows]."""
        return self.outcome.losses(self.link(blend, values), actual)


@dataclass(frozen=True)
class Rival:
    """What else could answer: its loss on the judged rows, and what the combination gains on it.

    `error` is the standard error of the gain, in which rows of one entity, or of one day, count as
    one.
    """

    __pydantic_config__ = _EXACTLY

    loss: float
    gain: float
    error: float

    @property
    def is_beaten(self) -> bool:
        """Whether the gain is beyond chance."""
        return self.gain > ONE_SIDED_95_PERCENT * self.error


@dataclass(frozen=True)
class Judgement:
    """How the combination did on the later rows, which it was not fitted to, beside its rivals.

    `fitted` and `judged` count rows, `left_out` those without an outcome or an answer of every
    component, or whose outcome was not known when the judged rows began.
    """

    __pydantic_config__ = _EXACTLY

    fitted: int
    judged: int
    left_out: int
    is_later: bool
    loss: float
    rivals: Mapping[str, Rival]


@dataclass(frozen=True)
class Combination:
    """A learned combination of components on the outcome `target`, whole.

    `alone` has each component recalibrated by itself, the best on the fitted rows first. The
    combination answers where `is_kept`: it beat every component beyond chance; else the first of
    `alone` does. `releases` are those that it was learned with.
    """

    __pydantic_config__ = _EXACTLY

    target: str
    scales: Scales
    together: Blend
    alone: Mapping[str, Blend]
    releases: Mapping[str, str]
    judgement: Judgement
    is_kept: bool

    @property
    def verdict(self) -> str:
        """Whether there is an edge, over whom, and on how many rows.

        The component that the combination gains the least on, in standard errors, decides.
        """
        rivals = {name: self.judgement.rivals[name] for name in self.alone}
        name = min(rivals, key=lambda each: rivals[each].gain / (rivals[each].error or 1.0))
        rival, metric = rivals[name], self.scales.outcome.metric.replace("_", " ")
        gain = f"{rival.gain:.4f} +- {rival.error:.4f} in {metric} per row"
        said = f"on {self.judgement.judged} rows that it was not fitted to"
        if self.is_kept:
            return f"the combination gains {gain} on its best component, {name}, {said}"
        return f"no edge: the combination gains {gain} on {name} {said}, not beyond chance"


def form_of(outcome: Outcome, *, is_probability: bool) -> Form:
    """How a component's answers are read for an outcome."""
    if outcome is Outcome.AMOUNT:
        return Form.AS_IT_IS
    return Form.LOG_ODDS if is_probability else Form.LOGARITHM


def _signal(form: Form, unit: float, values: FloatArray) -> FloatArray:
    if form is Form.LOG_ODDS:
        return log_odds(values)
    if form is Form.LOGARITHM:
        logs: FloatArray = np.sign(values) * np.log1p(np.abs(values) / unit)
        return logs
    return values
