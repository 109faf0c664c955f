"""What one component says of a request to a composite, and what of it a composite reckons with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import pi, sqrt

from tracer_ray.blueprint import Source
from tracer_ray.composites.request import NothingToAskError, own_request
from tracer_ray.errors import RequestError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request

WITHIN_S = 10.0  # a component that takes longer is gone on without
_ERROR_METRIC = "ece"
_IMPACTS = {"revenue": Source.REVENUE_IMPACT, "profit": Source.PROFIT_IMPACT}


class Status(StrEnum):
    """Whether a component answered, and why not."""

    ANSWERED = "answered"
    NO_CHAMPION = "no_champion"
    NO_INPUT = "no_input"  # no field of the request is about what it predicts
    REFUSED = "refused"  # its fields can't be answered
    FAILED = "failed"
    LATE = "late"


@dataclass(frozen=True)
class Event:
    """The probability of what a component predicts, the class of its risk, and its error.

    `error` is the standard deviation of the probability's own calibration error, None where it was
    not measured; `risk_share` is the place of the risk among the bands, 0 to 1.
    """

    probability: float
    error: float | None = None
    risk: str = ""
    risk_share: float = 0.0


@dataclass(frozen=True)
class Amount:
    """An amount of money and its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PriceMove:
    """The best price, and what moving there changes of one row's revenue and profit."""

    current: float
    best: float
    reason: str
    impacts: Mapping[str, Amount]


@dataclass(frozen=True)
class Consultation:
    """What a component says; `fields` are those of the request that it took.

    `number` is what it forecasts where that is no event.
    """

    status: Status
    reason: str = ""
    answer: Answered | None = None
    event: Event | None = None
    price: PriceMove | None = None
    fields: frozenset[str] = field(default_factory=frozenset)
    number: float | None = None

    @property
    def is_answered(self) -> bool:
        """Whether it says anything."""
        return self.status is Status.ANSWERED

    @property
    def signal(self) -> float | None:
        """The probability of its event, or what it forecasts; None where it says neither."""
        return self.event.probability if self.event else self.number


def consult(predictor: Predictor, requests: Sequence[Request]) -> list[Consultation]:
    """What a release says of each request to a composite; every failure is a consultation too."""
    said: dict[int, Consultation] = {}
    asked: dict[int, Request] = {}
    taken: dict[int, frozenset[str]] = {}
    for place, request in enumerate(requests):
        try:
            asked[place], taken[place] = own_request(predictor, request)
        except NothingToAskError as error:
            said[place] = Consultation(Status.NO_INPUT, str(error))
        except RequestError as error:
            said[place] = Consultation(Status.REFUSED, str(error))
    answers = predictor.answer(list(asked.values()))
    for place, answer in zip(asked, answers, strict=True):
        said[place] = _consultation(predictor, answer, taken[place])
    return [said[place] for place in range(len(requests))]


def no_champion(name: str) -> Consultation:
    """Nothing is promoted that could answer."""
    return Consultation(Status.NO_CHAMPION, f"no release of {name} is promoted")


def late(within_s: float) -> Consultation:
    """No answer in time."""
    return Consultation(Status.LATE, f"no answer within {within_s:g} s")


def failed(error: BaseException) -> Consultation:
    """A failure that nobody foresaw: its kind, and no more."""
    return Consultation(Status.FAILED, f"it failed: {type(error).__name__}")


def _consultation(
    predictor: Predictor, answer: Answered | RequestError, fields: frozenset[str]
) -> Consultation:
    if isinstance(answer, RequestError):
        return Consultation(Status.REFUSED, str(answer), fields=fields)
    values = {each.source: answer.get(each.name) for each in predictor.blueprint.output}
    event, price = _event(predictor, answer, values), _price_move(values)
    number = values.get(Source.VALUE)
    number = number if isinstance(number, float) else None
    return Consultation(Status.ANSWERED, "", answer, event, price, fields, number)


def _event(predictor: Predictor, answer: Answered, values: Mapping[Source, object]) -> Event | None:
    probability, risk = values.get(Source.PROBABILITY), str(values.get(Source.RISK) or "")
    if not isinstance(probability, float):
        return None
    target = str(answer["target"])
    decision = predictor.targets[target].decision
    bands = [each.name for each in decision.bands] if decision else []
    share = bands.index(risk) / max(len(bands) - 1, 1) if risk in bands else 0.0
    return Event(probability, calibration_error(predictor, target), risk, share)


def calibration_error(predictor: Predictor, target: str) -> float | None:
    """The standard deviation of a probability's calibration error, as the test rows showed it.

    The expected calibration error is a mean absolute one, which a normal error of standard
    deviation s has where it is s sqrt(2 / pi).
    """
    scores = predictor.release.manifest.figures[target].ours
    return scores[_ERROR_METRIC] * sqrt(pi / 2.0) if _ERROR_METRIC in scores else None


def _price_move(values: Mapping[Source, object]) -> PriceMove | None:
    best, current = values.get(Source.BEST_PRICE), values.get(Source.CURRENT_PRICE)
    if not isinstance(best, float) or not isinstance(current, float):
        return None
    impacts = {
        name: Amount(float(said["amount"]), *map(float, said["amount_interval"]))
        for name, source in _IMPACTS.items()
        if isinstance(said := values.get(source), Mapping)
    }
    return PriceMove(current, best, str(values.get(Source.BEST_PRICE_REASON) or ""), impacts)
