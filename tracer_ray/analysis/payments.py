"""Columns of payments that go either way: whether a data set tells which."""

from tracer_ray.analysis.profile import ColumnProfile
from tracer_ray.blueprint import Way
from tracer_ray.data.spelling import fold


def way_problem(way: Way, raw: ColumnProfile, says: ColumnProfile | None) -> str:
    """Why neither the words of a column nor signs tell which way payments go; "" where they do."""
    if says is None:
        is_signed = (raw.minimum or 0.0) < 0.0 < (raw.maximum or 0.0)
        problem = f"{raw.name!r} has one sign only, and no column says what is paid in or out"
        return "" if is_signed else problem
    known = {fold(word) for word in (*way.words, *way.others)}
    other = [each for each in says.examples if fold(each) not in known]
    return f"{says.name!r} says neither in nor out: {', '.join(other[:3])}" if other else ""
