"""Columns of payments that go either way: whether a data set tells which."""

from tracer_ray.analysis.profile import ColumnProfile, Profile
from tracer_ray.blueprint import Column
from tracer_ray.data.spelling import fold


def told_by(column: Column, profile: Profile) -> ColumnProfile | None:
    """The raw column whose words say which way a payment goes, if there is one."""
    names = [fold(each) for each in column.way.told_by] if column.way else []
    found = (each for each in profile.columns if fold(each.name) in names)
    return min(found, key=lambda each: names.index(fold(each.name)), default=None)


def way_problem(column: Column, raw: ColumnProfile, profile: Profile) -> str:
    """Why it can't be told which way payments go; "" where it can."""
    says, way = told_by(column, profile), column.way
    if way is None:
        return ""
    if says is None:
        is_signed = raw.minimum is not None and raw.maximum is not None
        if is_signed and (raw.minimum or 0.0) < 0.0 < (raw.maximum or 0.0):
            return ""
        return f"{raw.name!r} has one sign only, and no column says what is paid in or out"
    known = {fold(word) for word in (*way.words, *way.others)}
    other = [each for each in says.examples if fold(each) not in known]
    return f"{says.name!r} says neither in nor out: {', '.join(other[:3])}" if other else ""
