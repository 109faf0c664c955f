"""A request to a composite: fields for all components, and what each of them takes.

A single value is shared: every component that knows its name takes it. What is for one component
only stands in an object under the component's name, and goes before what is shared; rows and
targets can be given only there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tracer_ray.blueprint import Blueprint, Role
from tracer_ray.composites.definition import LARGEST, Composite
from tracer_ray.data.spelling import fold
from tracer_ray.errors import RequestError
from tracer_ray.prediction.request_fields import TARGET, TARGET_ALIAS
from tracer_ray.prediction.requests import Request

if TYPE_CHECKING:
    from tracer_ray.prediction.predictor import Predictor

ENTITY, VALUES = "entity", "values"
_RESERVED = frozenset((ENTITY, VALUES))
_OF_ONE_COMPONENT = frozenset((TARGET, TARGET_ALIAS))


class NothingToAskError(RequestError):
    """A request without a field that says anything of what a component predicts."""


def own_request(predictor: "Predictor", request: Request) -> tuple[Request, frozenset[str]]:
    """What a component is asked, and the names of the request's fields that it takes.

    Raises NothingToAskError where no field says anything of what it predicts, RequestError where
    its own object is none.
    """
    if not isinstance(request, Mapping):
        raise RequestError(f"expected an object of fields, got a {type(request).__name__}")
    blueprint = predictor.blueprint
    own = request.get(blueprint.id, {})
    if not isinstance(own, Mapping):
        raise RequestError(f"field {blueprint.id!r}: expected an object of the component's fields")
    shared = {
        name: value
        for name, value in request.items()
        if _is_shared(name, value) and predictor.accepts(name)
    }
    fields = _named(blueprint, {**_without(shared, own), **own}, request.get(ENTITY))
    _refuse_nothing(predictor, fields)
    used = {ENTITY} if ENTITY in request else set()
    return fields, frozenset({*shared, *used, *({blueprint.id} if own else ())})


def unused_fields(composite: Composite, request: Request, taken: frozenset[str]) -> list[str]:
    """The fields of a request that no component took, sorted: perhaps they are misspelt."""
    read = {each.value for each in composite.components if isinstance(each.value, str)}
    known = {*taken, *_RESERVED, *composite.names, *read}
    return sorted(name for name in request if name not in known)


def value_of(composite: Composite, name: str, request: Request) -> float | None:
    """What the event of a component is worth to this request's entity; None where nobody says.

    The request's `values` go before the composite's own. Raises RequestError where it is no amount.
    """
    stated = request.get(VALUES, {})
    if not isinstance(stated, Mapping):
        raise RequestError(f"field {VALUES!r}: expected an object of amounts by component")
    if name in stated:
        return _amount(f"{VALUES}.{name}", stated[name])
    value = composite.component(name).value
    if not isinstance(value, str):
        return value
    own = request.get(name)
    given = own.get(value) if isinstance(own, Mapping) and value in own else request.get(value)
    return _amount(value, given) if given is not None else None


def _is_shared(name: str, value: object) -> bool:
    is_single = not isinstance(value, Mapping | list | tuple)
    return is_single and name not in _RESERVED and fold(name) not in _OF_ONE_COMPONENT


def _without(shared: Request, own: Request) -> Request:
    """The shared fields without those that the component's own object says otherwise."""
    said = {fold(name) for name in own}
    return {name: value for name, value in shared.items() if fold(name) not in said}


def _named(blueprint: Blueprint, fields: Request, entity: object) -> Request:
    """The fields with the composite's entity as whom the component knows, unless it is named."""
    column = blueprint.entity or blueprint.role(Role.ROW)
    if entity is None or column is None or blueprint.sides:
        return fields
    label = blueprint.role(Role.LABEL)
    names = {fold(each) for each in (*column.names, *(label.names if label else ()))}
    return fields if names & {fold(each) for each in fields} else {column.name: entity, **fields}


def _refuse_nothing(predictor: "Predictor", fields: Request) -> None:
    """Who has a history is known by it; anything else by the fields of its row alone."""
    blueprint = predictor.blueprint
    roles = (Role.KNOWN, Role.SEGMENT, *((Role.ENTITY, Role.LABEL) if blueprint.entity else ()))
    telling = [each for each in blueprint.columns if each.role in roles]
    names = {fold(name) for each in telling for name in each.names}
    if not blueprint.sides and not names & {fold(name) for name in fields}:
        known = ", ".join(each.name for each in telling[:6])
        raise NothingToAskError(f"no field is about {blueprint.who}; give some of {known}, ...")


def _amount(name: str, value: object) -> float:
    try:
        amount = float("nan") if isinstance(value, bool) else float(str(value))
    except ValueError:
        amount = float("nan")
    if not 0.0 <= amount <= LARGEST:
        raise RequestError(f"field {name!r}: expected an amount of 0 to 1e12, got {value!r:.60}")
    return amount
