"""Files with a column for each entity (a share, a product), read as rows below one another.

Only blueprints that are told so read files in this way: nothing in a file says whether its columns
are many series, or many things about one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tracer_ray.blueprint import Blueprint
from tracer_ray.data.matching import match
from tracer_ray.data.sources import SourceFile
from tracer_ray.data.stacking import Stack

FEWEST_COLUMNS = 2


def stacked_files(
    blueprint: Blueprint, files: Sequence[SourceFile], mapping: Mapping[str, str]
) -> tuple[SourceFile, ...]:
    """The files as the blueprint's layout reads them."""
    if not blueprint.is_side_by_side:
        return tuple(files)
    return tuple(_stacked(blueprint, each, mapping) for each in files)


def stack_of(
    blueprint: Blueprint, columns: Sequence[str], mapping: Mapping[str, str]
) -> Stack | None:
    """All columns that the blueprint does not know, under its entity and its outcome.

    None where the columns have one of these two themselves, or hardly others.
    """
    entity, outcome = blueprint.entity, blueprint.needed_number
    if entity is None or outcome is None:
        return None
    plan = match(blueprint, columns, mapping)
    names = tuple(name for name in columns if name not in plan.sources)
    is_long = bool({entity.name, outcome.name} & plan.mapping.keys())
    if is_long or len(names) < FEWEST_COLUMNS:
        return None
    return Stack(names, entity.name, outcome.name)


def _stacked(blueprint: Blueprint, file: SourceFile, mapping: Mapping[str, str]) -> SourceFile:
    beside = {key for key, _ in file.partitions}
    beside |= {name for each in file.dates for name in each.names}
    columns = [name for name in file.columns if name not in beside]
    stack = None if file.is_empty else stack_of(blueprint, columns, mapping)
    if stack is None:
        return file
    kept = [name for name in file.columns if name not in stack.names]
    rows = file.rows * len(stack.names)
    return replace(file, columns=(*kept, *stack.made), rows=rows, stack=stack)
