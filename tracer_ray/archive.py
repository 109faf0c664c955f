"""The archive: every blueprint that this installation knows.

Packages offer theirs under the entry point group `tracer.blueprints`; each entry names a package
whose modules hold `Blueprint` constants. Tracer's own `blueprints/` is one of them.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import BlueprintError


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Every known blueprint, by id; BlueprintError when two have the same id."""
    found: dict[str, Blueprint] = {}
    for entry in entry_points(group="tracer.blueprints"):
        for blueprint in _constants(importlib.import_module(entry.value)):
            if found.setdefault(blueprint.id, blueprint) != blueprint:
                raise BlueprintError(f"two blueprints have the id {blueprint.id!r}")
    return tuple(found[key] for key in sorted(found))


def blueprint(blueprint_id: str) -> Blueprint:
    """The blueprint of that id; BlueprintError naming the closest ids otherwise.

    >>> blueprint("player_props").entity.name
    'player'
    """
    known = {each.id: each for each in blueprints()}
    if blueprint_id in known:
        return known[blueprint_id]
    close = get_close_matches(blueprint_id, known, n=3, cutoff=0.4) or sorted(known)
    raise BlueprintError(f"no blueprint {blueprint_id!r}; did you mean {', '.join(close)}?")


def _constants(package: ModuleType) -> Iterator[Blueprint]:
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        for constant in vars(importlib.import_module(module.name)).values():
            if isinstance(constant, Blueprint):
                yield constant
