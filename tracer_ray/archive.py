"""The archive: every blueprint that this installation knows.

Packages offer theirs under the entry point group `tracer.blueprints`; each entry names a module,
or a package of modules, with `Blueprint` constants, or `Variants` where parameters choose.
Tracer's own `blueprints/` is one of them.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from tracer_ray.blueprint import Blueprint, Variants
from tracer_ray.errors import BlueprintError


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """Every known blueprint, by id; BlueprintError when two have the same id."""
    return tuple(each.default for each in _archive().values())


@cache
def variants() -> tuple[Blueprint, ...]:
    """Every known blueprint, and one more for every other value that a parameter may have."""
    return tuple(variant for each in _archive().values() for variant in each.every())


def blueprint(blueprint_id: str, settings: Mapping[str, object] | None = None) -> Blueprint:
    """The blueprint of that id, with parameters set.

    Raises BlueprintError naming the closest ids, or the parameter and what is allowed.

    >>> blueprint("player_props").entity.name
    'player'
    >>> blueprint("revenue_forecast", {"horizon_days": 30}).horizon_steps
    30
    """
    known, name = _archive(), known_id(blueprint_id)
    if name in known:
        return known[name].chosen(settings or {})
    close = get_close_matches(blueprint_id, known, n=3, cutoff=0.4) or sorted(known)
    raise BlueprintError(f"no blueprint {blueprint_id!r}; did you mean {', '.join(close)}?")


def known_id(name: str) -> str:
    """The id of the blueprint that a name is an alias of; any other name as it is.

    >>> known_id("demand_forecast"), known_id("anything")
    ('product_demand', 'anything')
    """
    aliases = {alias.id: each.id for each in blueprints() for alias in each.aliases}
    return aliases.get(name, name)


@cache
def _archive() -> dict[str, Variants]:
    found: dict[str, Variants] = {}
    for entry in entry_points(group="tracer.blueprints"):
        for each in _declared(entry):
            known = found.setdefault(each.default.id, each)
            if known.default != each.default:
                raise BlueprintError(f"two blueprints have the id {each.default.id!r}")
    return {key: found[key] for key in sorted(found)}


def _declared(entry: EntryPoint) -> Iterator[Variants]:
    """What the module of an entry point declares, or all modules where it is a package."""
    try:
        package = importlib.import_module(entry.value)
        inside = pkgutil.iter_modules(getattr(package, "__path__", ()), package.__name__ + ".")
        modules = [package, *(importlib.import_module(each.name) for each in inside)]
    except Exception as error:  # whatever somebody else's module does
        raise BlueprintError(
            f"entry point {entry.name!r} of tracer.blueprints: {entry.value!r} is no package or "
            f"module that can be imported: {error}; mend or remove what brings it"
        ) from error
    for module in modules:
        yield from _constants(module)


def _constants(module: ModuleType) -> Iterator[Variants]:
    """What a module declares, but for names that begin with an underscore.

    A blueprint with settings is one of its variants; any other stands for itself.
    """
    for name, constant in vars(module).items():
        if name.startswith("_"):
            continue
        if isinstance(constant, Variants):
            yield constant
        elif isinstance(constant, Blueprint) and not constant.settings:
            yield _alone(constant)


def _alone(only: Blueprint) -> Variants:
    return Variants((), lambda _: only)
