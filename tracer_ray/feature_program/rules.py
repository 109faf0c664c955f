"""Which features a blueprint can have: contradictions are refused before anything is computed."""

from collections.abc import Iterator

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.errors import BlueprintError
from tracer_ray.features import CALENDAR_PARTS, RATING_OPS, ROW_OPS, Feature, Op

_WINDOWLESS = frozenset(
    {
        Op.EXPANDING_MEAN,
        Op.EXPANDING_STD,
        Op.SEASON_MEAN,
        Op.SEASON_COUNT,
        Op.COUNT,
        Op.REST_DAYS,
    }
)
_CLOCKED = frozenset({Op.REST_DAYS, Op.RECENT_COUNT})
_COLUMNLESS = _CLOCKED | RATING_OPS
_UNPAIRED = frozenset({Op.CODE, Op.CALENDAR, Op.RATING_PROBABILITY})


def check_feature(blueprint: Blueprint, feature: Feature) -> None:
    """Raises BlueprintError naming the blueprint, the feature, what it has and what it needs."""
    for complaint in _complaints(blueprint, feature):
        raise BlueprintError(f"blueprint {blueprint.id}: feature {feature.name!r} {complaint}")


def opponent_column(blueprint: Blueprint) -> str:
    """The column that names the other side; "" for a blueprint without sides."""
    entity = blueprint.entity
    return f"opponent_{entity.name}" if blueprint.sides and entity else ""


def _complaints(blueprint: Blueprint, feature: Feature) -> Iterator[str]:
    if feature.op not in ROW_OPS - {Op.CALENDAR} and blueprint.time is None:
        yield f"({feature.op}) needs a time column, and the blueprint has none"
    if feature.op in RATING_OPS or feature.versus:
        yield from _sides_complaints(blueprint, feature)
    yield from _horizon_complaints(blueprint, feature)
    if feature.op in ROW_OPS:
        yield from _row_complaints(blueprint, feature)
    else:
        yield from _past_complaints(blueprint, feature)


def _sides_complaints(blueprint: Blueprint, feature: Feature) -> Iterator[str]:
    if blueprint.sides is None or not _has(blueprint, opponent_column(blueprint)):
        yield "reads the opponent's side; the blueprint needs `sides` and an opponent column"
    if feature.versus and feature.by:
        yield f"has both versus and by={feature.by!r}; choose one"
    if feature.versus and feature.op in _UNPAIRED:
        yield f"({feature.op}) can't be compared with the opponent's; leave versus out"


def _horizon_complaints(blueprint: Blueprint, feature: Feature) -> Iterator[str]:
    if not blueprint.horizon_steps:
        if feature.op is Op.LEAD:
            yield "(lead) needs a blueprint with horizon_steps"
        return
    if feature.op is Op.LEAD and feature.unit != f"{blueprint.period}s":
        yield f"(lead) counts {feature.unit or 'nothing'}; rows stand for {blueprint.period}s"
    if feature.op in RATING_OPS or feature.versus:
        yield "reads other sides' rows; a blueprint with horizon_steps can't"
    if feature.by and feature.op in _CLOCKED:
        yield f"({feature.op}) can't be by {feature.by!r} in a blueprint with horizon_steps"


def _row_complaints(blueprint: Blueprint, feature: Feature) -> Iterator[str]:
    if feature.op is Op.LEAD:
        return
    if feature.op is Op.CALENDAR:
        if feature.unit not in CALENDAR_PARTS:
            yield f"asks for {feature.unit!r}; the calendar has {', '.join(CALENDAR_PARTS)}"
        return
    is_code = feature.op is Op.CODE
    if is_code == _is_numeric(blueprint.column(feature.column)):
        wanted = "a category" if is_code else "a number or flag"
        yield f"({feature.op}) needs {wanted}; {feature.column!r} is none"
    if feature.versus:
        other = f"opponent_{feature.column}"
        if not _has(blueprint, other) or blueprint.column(other).role is Role.OUTCOME:
            yield f"needs a column {other!r} that is known before the row"


def _past_complaints(blueprint: Blueprint, feature: Feature) -> Iterator[str]:
    op = feature.op
    if feature.window < 1 and op not in _WINDOWLESS:
        yield f"({op}) needs a window of at least 1; it has {feature.window}"
    if op in _COLUMNLESS and feature.column:
        yield f"({op}) reads times or results; leave column {feature.column!r} out"
    if op not in _COLUMNLESS and op is not Op.COUNT and not feature.column:
        yield f"({op}) needs a column"
    is_target = feature.column in {target.name for target in blueprint.targets}
    if feature.column and not is_target and not _is_numeric(blueprint.column(feature.column)):
        yield f"({op}) needs a number or flag; {feature.column!r} is none"
    if feature.log and feature.by and not feature.per_row:
        yield "sums logarithms over a key's rows; take per_row too"
    if feature.within:
        yield from _within_complaints(blueprint, feature)
    if feature.per_row and not feature.by:
        yield "is a mean per row of a key, and has no key; name one as by"
    if feature.by and blueprint.column(feature.by).kind is not Kind.CATEGORY:
        yield f"needs a category as by; {feature.by!r} is none"
    if feature.by and blueprint.column(feature.by).role is Role.OUTCOME:
        yield f"is by {feature.by!r}, which is known only after the row"


def _within_complaints(blueprint: Blueprint, feature: Feature) -> Iterator[str]:
    if feature.by or feature.versus:
        yield "has within beside by or versus; choose one"
    for name in feature.within:
        if name in CALENDAR_PARTS:
            continue
        known = (Role.KNOWN, Role.SEGMENT)
        if not _has(blueprint, name) or blueprint.column(name).role not in known:
            parts = ", ".join(CALENDAR_PARTS)
            yield f"is within {name!r}; use known columns or {parts}"


def _is_numeric(column: Column) -> bool:
    return column.kind in (Kind.NUMBER, Kind.FLAG)


def _has(blueprint: Blueprint, name: str) -> bool:
    return any(column.name == name for column in blueprint.columns)
