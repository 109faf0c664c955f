"""Blueprints as JSON, so that a dataset and a release carry the one they were made with."""

from functools import cache
from typing import TYPE_CHECKING

from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import BlueprintError

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def blueprint_to_json(blueprint: Blueprint) -> bytes:
    """Everything a blueprint declares, as indented JSON in UTF-8."""
    return _adapter().dump_json(blueprint, indent=2)


def blueprint_from_json(data: bytes) -> Blueprint:
    """The blueprint that was written by `blueprint_to_json`, equal to it.

    Raises BlueprintError where the JSON is none.

    >>> from blueprints.player_props import PLAYER_PROPS
    >>> blueprint_from_json(blueprint_to_json(PLAYER_PROPS)) == PLAYER_PROPS
    True
    """
    try:
        return _adapter().validate_json(data)
    except ValueError as error:
        raise BlueprintError(f"this JSON is no blueprint: {error}") from error


def canonical(blueprint: Blueprint) -> Blueprint:
    """An equal blueprint as it comes back from JSON (a minimum of 0 is 0.0 then).

    So its fingerprint is the one that a reader of the JSON will compute.
    """
    return blueprint_from_json(blueprint_to_json(blueprint))


@cache
def _adapter() -> "TypeAdapter[Blueprint]":
    from pydantic import TypeAdapter

    return TypeAdapter(Blueprint)
