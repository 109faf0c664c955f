"""Fitting a blueprint to the data at hand: what is absent is dropped, what is extra is added."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tracer_ray.blueprint import Baseline, Blueprint, Column, Kind, Lifetime, Response, Role
from tracer_ray.data.matching import other_names
from tracer_ray.data.spelling import fold
from tracer_ray.errors import SchemaError
from tracer_ray.features import ROW_OPS, TARGET, Feature, Op, code, value

_FALLBACK = Baseline("average of the training rows")


def with_aliases(blueprint: Blueprint, mapping: Mapping[str, str]) -> Blueprint:
    """The blueprint that knows the user's own names too, so that later data needs no mapping."""
    columns = tuple(
        replace(each, aliases=(mapping[each.name], *each.aliases))
        if _is_new_name(each, mapping.get(each.name, ""))
        else each
        for each in blueprint.columns
    )
    return replace(blueprint, columns=columns)


def _is_new_name(column: Column, source: str) -> bool:
    says_it_otherwise = fold(source) in map(fold, other_names(column))
    return bool(source) and source not in column.names and not says_it_otherwise


def resolve(blueprint: Blueprint, absent: Iterable[str], extra: Sequence[Column] = ()) -> Blueprint:
    """The blueprint without absent columns and all that needs them, with extra known columns.

    A target needs all of its columns; a feature its columns, its key and, unless it reads only the
    row, a time; a baseline its feature. An entity that the data has must be named from now on.

    Raises SchemaError when no target is left.
    """
    gone = set(absent)
    targets = tuple(each for each in blueprint.targets if not gone & set(each.columns))
    if not targets:
        wanted = "; ".join(
            f"{target.name} needs {' and '.join(target.columns)}" for target in blueprint.targets
        )
        raise SchemaError(
            f"blueprint {blueprint.id}: the data has the columns of no target ({wanted}). "
            "Add or map an outcome column"
        )
    columns = tuple(
        replace(each, required=each.required or each.role is Role.ENTITY)
        for each in blueprint.columns
        if each.name not in gone
    )
    readable = {TARGET, ""} | {each.name for each in columns} | {each.name for each in targets}
    has_time = any(each.role is Role.TIME for each in columns)
    features = tuple(
        each
        for each in blueprint.features
        if {each.column, each.by} <= readable
        and not gone & set(each.within)
        and (has_time or _needs_no_time(each))
    )
    left = {each.name for each in features}
    return replace(
        blueprint,
        columns=(*columns, *extra),
        targets=tuple(
            replace(each, spread=tuple(name for name in each.spread if name in left))
            for each in targets
        ),
        features=(*features, *map(_extra_feature, extra)),
        baselines=_baselines(blueprint, features),
        exclusions=tuple(each for each in blueprint.exclusions if each.column not in gone),
        averages=tuple(name for name in blueprint.averages if name not in gone),
        response=_response(blueprint.response, gone),
        lifetime=_lifetime(blueprint.lifetime, gone),
        is_side_by_side=blueprint.is_side_by_side and _has_entity(blueprint, gone),
        events=tuple(
            each for each in blueprint.events if not gone & {one.name for one in each.aggregates}
        ),
    )


def _has_entity(blueprint: Blueprint, gone: set[str]) -> bool:
    return blueprint.entity is not None and blueprint.entity.name not in gone


def _response(response: Response | None, gone: set[str]) -> Response | None:
    """The response without the controls that are absent; its price is a required column."""
    if response is None:
        return None
    return replace(
        response,
        controls=tuple(name for name in response.controls if name not in gone),
        within="" if response.within in gone else response.within,
    )


def _lifetime(lifetime: Lifetime | None, gone: set[str]) -> Lifetime | None:
    """The lifetime where the data have both of its columns."""
    is_there = lifetime and not gone & {lifetime.duration, lifetime.ended}
    return lifetime if is_there else None


def _needs_no_time(feature: Feature) -> bool:
    return feature.op in ROW_OPS and feature.op is not Op.CALENDAR


def _extra_feature(column: Column) -> Feature:
    return code(column.name) if column.kind is Kind.CATEGORY else value(column.name)


def _baselines(blueprint: Blueprint, features: Sequence[Feature]) -> tuple[Baseline, ...]:
    names = {"", *(feature.name for feature in features)}
    return tuple(each for each in blueprint.baselines if each.feature in names) or (_FALLBACK,)
