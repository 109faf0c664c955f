"""What is predicted, what it is compared with, and which rows it is judged on."""

from dataclasses import dataclass
from enum import StrEnum

from tracer_ray.decision import Decision


class Answer(StrEnum):
    """What a target's prediction is."""

    NUMBER = "number"  # point, predictive distribution, probability of exceeding a line
    AMOUNT = "amount"  # a number from 0 up that changes by shares: models work on its logarithm
    PROBABILITY = "probability"  # calibrated probability that the flag is 1


class Over(StrEnum):
    """What is made of a column over several rows."""

    SUM = "sum"
    MEAN = "mean"


@dataclass(frozen=True)
class Span:
    """An outcome that takes `rows` rows of its entity: the row itself and those that follow.

    It is null where fewer follow or one of them is null. It becomes known with the last of them, so
    features may read its columns and never itself, and the gap between parts is at least as long.
    """

    rows: int
    over: Over = Over.SUM


@dataclass(frozen=True)
class Target:
    """What is predicted: a column, or the sum of several, over a `span` of rows where it has one.

    A probability's `decision` says from where on it is worth acting, for outputs that name a class.
    `spread` names features that grow with how far a number may fall from its forecast, such as
    recent deviations: its distribution is as wide as their best combination says.
    """

    name: str
    columns: tuple[str, ...]
    answer: Answer
    description: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    decision: Decision | None = None
    span: Span | None = None
    spread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """The naive forecast a user would make without us.

    `feature` names a feature whose value is the forecast ("@target" stands for the target's
    column); empty means the training rows' median (number) or base rate (probability), which also
    stands in where the feature is null.
    """

    name: str
    feature: str = ""


@dataclass(frozen=True)
class SplitPlan:
    """The shares of the newest rows that are set aside, oldest share first.

    Cut at the same instants for all entities, so that no model sees a row that happened after the
    ones it is judged on; rows without a time are cut by a stable hash of their key.
    `gap_days` separates the parts where the outcome takes time to become known. Where
    `calibration_days` are more than the calibration share, they are set aside, up to a fifth.
    """

    validation: float = 0.15
    calibration: float = 0.10
    test: float = 0.15
    gap_days: float = 0.0
    calibration_days: float = 0.0


@dataclass(frozen=True)
class OpenDays:
    """Which coming days are taken to have a row, where days without business have none.

    A day is open where `feature`, a count of earlier rows of its kind, reaches `at_least`; the
    others bring nothing. While a series is `young`, a count of all its rows being below a number,
    all of its days are.
    """

    feature: str
    at_least: float
    young: tuple[str, float] | None = None


@dataclass(frozen=True)
class Response:
    """How a target reacts to a known number that somebody sets: a quantity to its price.

    Estimated per entity beside the forecast, with the `controls` (known numbers and flags, such as
    a promotion) held fixed. `within` names a category whose values have a level of their own (the
    stores that sell one product). `cost` names the known cost of one unit; it may be given with
    a request even where the data have none.
    """

    target: str
    price: str
    cost: str = ""
    controls: tuple[str, ...] = ()
    within: str = ""


@dataclass(frozen=True)
class Lifetime:
    """How long things last until the outcome, in units of so many days.

    `ended` says whether the end was seen within `duration`; if not, it lasts longer. A duration
    that is known beforehand counts from the beginning (the time as a customer), one that is an
    outcome counts from the row on.
    """

    duration: str
    ended: str
    unit_days: float = 1.0
