"""Whether rows are new to a release: what is learned from fitted rows only repeats the fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Role
from tracer_ray.errors import CompositeError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.prediction.requests import Request
from tracer_ray.rows import BoolArray, IntArray, TextArray
from tracer_ray.splits import stable_hashes

NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Identity:
    """When rows happen, in microseconds (int64 [rows], NEVER without a time), and whose they are.

    `names` are "" where a component does not tell whom its rows are about.
    """

    times: IntArray
    names: TextArray


def identify_unseen(predictor: Predictor, requests: Sequence[Request]) -> Identity:
    """When each of a component's requests happens, and whom it is about, all being new to it.

    Requests that can't be read have no identity: they have no answer either. Raises CompositeError
    where the release may have been fitted to a row: it is not after all that the release knows, or,
    where its rows have no time, it was trained on a row of the same id.
    """
    read = predictor.reader.read(requests)
    found = Identity(np.full(len(requests), NEVER), np.full(len(requests), "", dtype=object))
    places = np.array(read.positions, np.int64)
    if not len(places):
        return found
    found.names[places] = _names(predictor, read.table)
    time, until = predictor.blueprint.time, predictor.data_until
    if time is not None and until is not None:
        times = pc.fill_null(read.table[time.name].cast(pa.int64()), NEVER).to_numpy()
        found.times[places] = times
        undated = f"has no {time.name}; name the column that says when it is asked about"
        _refuse(predictor, places, times == NEVER, undated)
        known = f"is not after {predictor.as_of}, until when it knows rows; give later rows"
        _refuse(predictor, places, times <= until, known)
        return found
    names = found.names[places]
    untold = "has no id, and the release's rows no time: nothing tells it from those"
    _refuse(predictor, places, names == "", untold)
    is_known = np.isin(stable_hashes(names), predictor.release.known_keys())
    _refuse(predictor, places, is_known, "has an id that it was trained on; give rows of others")
    return found


def _names(predictor: Predictor, table: pa.Table) -> TextArray:
    """Whom each row is about, "" where that is not said."""
    column = predictor.blueprint.entity or predictor.blueprint.role(Role.ROW)
    names = table[column.name].to_pylist() if column else [""] * len(table)
    return np.array([name or "" for name in names], dtype=object)


def _refuse(predictor: Predictor, places: IntArray, is_seen: BoolArray, why: str) -> None:
    if is_seen.any():
        raise CompositeError(
            f"{predictor.blueprint.id} may have been fitted to {int(is_seen.sum())} of the rows: "
            f"row {int(places[is_seen][0]) + 1} {why}. What is learned from fitted rows repeats "
            "the fit"
        )
