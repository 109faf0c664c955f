"""A judged mapping in words: what speaks for it, what is missing, and what to type next."""

import shlex
from collections.abc import Sequence

from tracer_ray.analysis.found import Found
from tracer_ray.analysis.mapping import Mapping
from tracer_ray.analysis.names import Certainty
from tracer_ray.analysis.profile import Profile
from tracer_ray.blueprint import Blueprint

_HOW = {
    Certainty.NAME: "",
    Certainty.SPELLING: "",
    Certainty.PART: " perhaps, by its name",
    Certainty.TYPE: " perhaps, by its values only",
    Certainty.NONE: "",
}


def reason_of(blueprint: Blueprint, mapping: Mapping) -> str:
    """What speaks for it, in words."""
    needed = [each for each in mapping.found if each.column.required or _is_target(blueprint, each)]
    said = [f"{each.column.name} is {each.source!r}{_HOW[each.certainty]}" for each in needed]
    useful = sum(1 for each in mapping.found if each.is_used and each not in needed)
    more = f"{useful} more of its columns are there" if useful else ""
    return "; ".join(filter(None, (*said[:4], more))) or "hardly any of its columns is there"


def _is_target(blueprint: Blueprint, found: Found) -> bool:
    return any(found.column.name in target.columns for target in blueprint.targets)


def missing_of(blueprint: Blueprint, mapping: Mapping) -> tuple[str, ...]:
    """The required columns that nothing stands for, and the outcome where no target has one."""
    described = {column.name: column.description for column in blueprint.columns}
    lacking = [f"{name} ({described[name]})" for name in mapping.missing]
    if not mapping.has_outcome and not any(
        name in target.columns for target in blueprint.targets for name in mapping.missing
    ):
        wanted = " or ".join(target.name for target in blueprint.targets)
        lacking.append(f"an outcome: {wanted}")
    return tuple(lacking)


def settings_of(blueprint: Blueprint) -> dict[str, str]:
    """The parameters that make a blueprint and are not as by default."""
    defaults = {each.name: each.default for each in blueprint.parameters}
    return {name: value for name, value in blueprint.settings if value != defaults[name]}


def next_command(
    blueprint: Blueprint, profile: Profile, mapping: Mapping, drop: Sequence[str]
) -> str:
    """What to type: deploy, with what has to be told; or what the blueprint needs."""
    if mapping.missing or not mapping.has_outcome or not profile.source:
        return f"tracer blueprint {blueprint.id}"
    words = ["tracer", "deploy", profile.source, *profile.beside, "--blueprint", blueprint.id]
    for name, value in settings_of(blueprint).items():
        words += ["--set", f"{name}={value}"]
    for column, source in mapping.to_apply.items():
        words += ["--map", f"{column}={source}"]
    for each in mapping.to_ask:
        words += ["--map", f"{each.column.name}={each.source}"]
    for name in drop:
        words += ["--drop", name]
    return shlex.join(words)
