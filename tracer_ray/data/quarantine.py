"""Bad rows as text: the problem, the reason with the value, the file and the place, the values."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.data.buckets import FILE, POSITION
from tracer_ray.data.tally import MOST_EXAMPLES, Problem, Tally
from tracer_ray.data.values import texts

CONFLICT = "another row of the same identity says something else"
BROKEN = "the line has too many or too few fields"
SCHEMA = pa.schema(
    [
        ("problem", pa.string()),
        ("reason", pa.string()),
        ("source", pa.string()),
        ("position", pa.int64()),
    ]
)


def unreadable(bad: pa.Table, first_position: int, source: str) -> pa.Table:
    """The bad rows of `schema.normalise`, with their place in the file."""
    values = {name: bad[name] for name in bad.column_names if name not in SCHEMA.names}
    position = pc.add(bad["position"], first_position)
    return _table(bad["problem"], bad["reason"], [source] * len(bad), position, values)


def broken(lines: Sequence[str], position: int, source: str) -> pa.Table:
    """Lines of a CSV file that could not be cut into the columns of its header."""
    reasons = [f"{BROKEN}: {line!r}" for line in lines]
    places = [position] * len(lines)
    return _table([BROKEN] * len(lines), reasons, [source] * len(lines), places, {})


def senseless(rows: pa.Table, problems: pa.Array, files: Sequence[str]) -> pa.Table:
    """Rows that could be read but make no sense, their values as they were read."""
    values = {n: texts(rows[n]) for n in rows.column_names if not n.startswith("_")}
    shown = [" ".join(filter(None, row.values())) for row in pa.table(values).to_pylist()]
    reasons = [
        f"{problem}: {row}" for problem, row in zip(problems.to_pylist(), shown, strict=True)
    ]
    sources = np.array([*files, ""], dtype=np.object_)[rows[FILE].to_numpy()]
    values = {name: each for name, each in values.items() if name not in SCHEMA.names}
    return _table(problems, reasons, sources, rows[POSITION], values)


def conflicting(rows: pa.Table, files: Sequence[str]) -> pa.Table:
    """Rows that arrived before one of the same identity with other values."""
    return senseless(rows, pa.array([CONFLICT] * len(rows), pa.string()), files)


def tally_of(bad: pa.Table) -> Tally:
    """The bad rows counted by problem."""
    problems: dict[str, Problem] = {}
    for problem, reason in zip(bad["problem"].to_pylist(), bad["reason"].to_pylist(), strict=True):
        known = problems.get(problem, Problem(0, ()))
        problems[problem] = Problem(known.count + 1, (*known.examples, reason)[:MOST_EXAMPLES])
    return Tally(problems=problems)


def _table(
    problem: object, reason: object, source: object, position: object, values: dict[str, pa.Array]
) -> pa.Table:
    head = dict(zip(SCHEMA.names, (problem, reason, source, position), strict=True))
    fields = [*SCHEMA, *(pa.field(name, pa.string()) for name in values)]
    return pa.table({**head, **values}, schema=pa.schema(fields))
