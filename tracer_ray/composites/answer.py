"""The answer of a composite: what to do, the risk, the best price, and what each component says."""

from collections.abc import Iterator, Mapping, Sequence

from tracer_ray.composites.advice import Advice, advise
from tracer_ray.composites.choice import PRICE_CHANGE, Impact
from tracer_ray.composites.combined import combined_answer
from tracer_ray.composites.consultation import Consultation, Status
from tracer_ray.composites.definition import Composite
from tracer_ray.composites.request import ENTITY, unused_fields
from tracer_ray.composites.risk import assess_risk, rounded
from tracer_ray.errors import RequestError, ServiceError
from tracer_ray.prediction.answers import Answered
from tracer_ray.prediction.requests import Request

Said = Mapping[str, Consultation]
_OF_THE_REQUEST = (Status.REFUSED, Status.NO_INPUT)


def answer_of(composite: Composite, request: Request, said: Said) -> Answered:
    """The answer to a request, from what each component says of it.

    Raises RequestError where no component answers and one of them refused the request, ServiceError
    where none answers for another reason.
    """
    _refuse_silence(composite, said)
    advice, learned = advise(composite, said, request), composite.combination
    taken = frozenset().union(*(each.fields for each in said.values()))
    return {
        "composite": composite.id,
        "objective": composite.objective,
        "entity": request.get(ENTITY),
        "recommended_protocols": [
            {"action": each.action, "component": each.component}
            | _impact(each.impact)
            | {name: rounded(value) for name, value in each.detail.items()}
            for each in advice.protocols
        ],
        "not_recommended": [dict(vars(each)) for each in advice.passed_over],
        "expected_impact": _impact(advice.total) if advice.total else None,
        "risk_assessment": assess_risk(composite, said, advice),
        "optimal_price": _price(said),
        "combined": combined_answer(learned, said) if learned else None,
        "components": {name: _component(said[name]) for name in sorted(composite.names)},
        "unused_fields": unused_fields(composite, request, taken),
        "assumptions": list(_assumptions(composite, said, advice)),
    }


def answers_of(
    composite: Composite,
    requests: Sequence[Request],
    said: Mapping[str, Sequence[Consultation]],
) -> list[Answered | RequestError | ServiceError]:
    """The answer or the error of each request, from what each component says of each."""
    answers: list[Answered | RequestError | ServiceError] = []
    for place, request in enumerate(requests):
        try:
            each = {name: told[place] for name, told in said.items()}
            answers.append(answer_of(composite, request, each))
        except (RequestError, ServiceError) as error:
            answers.append(error)
    return answers


def _refuse_silence(composite: Composite, said: Said) -> None:
    if any(each.is_answered for each in said.values()):
        return
    reasons = "; ".join(f"{name}: {said[name].reason}" for name in sorted(composite.names))
    message = f"no component of {composite.id} answers: {reasons}"
    if any(each.status in _OF_THE_REQUEST for each in said.values()):
        raise RequestError(message)
    raise ServiceError(message)


def _component(said: Consultation) -> dict[str, object]:
    """A component's own answer, or why there is none."""
    if said.is_answered:
        return {"status": said.status.value, "answer": said.answer}
    return {"status": said.status.value, "reason": said.reason}


def _impact(impact: Impact) -> dict[str, object]:
    low, high = impact.interval
    return {
        "expected_impact": rounded(impact.gross),
        "cost": rounded(impact.cost),
        "net_impact": rounded(impact.net),
        "interval": [rounded(low), rounded(high)],
        "confidence": rounded(impact.confidence),
    }


def _price(said: Said) -> dict[str, object] | None:
    """The best price of the first component that has one."""
    for name, each in sorted(said.items()):
        if each.price:
            return {
                "component": name,
                "price": each.price.best,
                "current_price": each.price.current,
                "reason": each.price.reason,
            }
    return None


def _assumptions(composite: Composite, said: Said, advice: Advice) -> Iterator[str]:
    """What the amounts stand on, beside what was stated."""
    yield "what is done about one component changes no other one: their amounts add up"
    if any(len(each) > 1 for each in advice.taken.values()):
        yield "the effects of actions on one component add up, within probabilities of 0 and 1"
    if any(each.action == PRICE_CHANGE for each in advice.protocols):
        yield "a price change counts all sales at that price, and not only those to this entity"
    for name in advice.outlooks:
        if composite.component(name).period_months is None:
            yield (
                f"the probability of {name} is taken to be about the objective's "
                f"{composite.goal.months} months, because its period is not stated"
            )
        event = said[name].event
        if event and event.error is None:
            yield f"{name}: the error of its calibration is not known, and not in the intervals"
    for action in (each for actions in advice.taken.values() for each in actions):
        if action.effect_interval is None:
            yield f"{action.name}: the effect is taken to be exact, because no interval is stated"
