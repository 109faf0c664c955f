"""Requests that name something known and leave out the rest: its newest row fills them."""

import numpy as np

from tracer_ray.blueprint import Role
from tracer_ray.data.times import microseconds
from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.requests import Reading


def with_newest_rows(loaded: LoadedRelease, read: Reading) -> Reading:
    """The requests with what the release knows of what they name; errors of empty ones.

    A blueprint that keeps no rows changes nothing.
    """
    newest, row = loaded.newest_rows, loaded.blueprint.role(Role.ROW)
    if newest is None or row is None or not read.positions:
        return read
    table = newest.fill(read.table, row.name)
    is_empty = newest.says_nothing(table)
    names = table[row.name].to_pylist()
    errors: dict[int, RequestError] = {
        read.positions[place]: UnknownEntityError(
            f"nothing is known of {row.name} {str(names[place] or '')[:60]!r}; give what is known "
            "of it, or the id of a row that the release has"
        )
        for place in np.flatnonzero(is_empty)
    }
    kept = np.flatnonzero(~is_empty)
    return Reading(
        table.take(kept),
        tuple(read.positions[place] for place in kept),
        tuple(read.controls[place] for place in kept),
        {**read.errors, **errors},
    )


def from_newest_row(loaded: LoadedRelease, row: str | None) -> str:
    """What to add to an answer's reason where its row was known; "" where not."""
    newest, time = loaded.newest_rows, loaded.blueprint.time
    if newest is None or row not in newest.places:
        return ""
    if time is None:
        return "; what is not given is from its row in the training data"
    when = newest.table["time"][newest.places[row]].as_py()
    said = f"what is not given is from its newest row, of {when:%Y-%m-%d}"
    rule, until = loaded.blueprint.inactivity, loaded.data_until
    if rule is None or until is None or microseconds(when) >= until:
        return f"; {said}"
    return f"; it was silent for {rule.days} days by {(loaded.as_of or '')[:10]}: {said}"
