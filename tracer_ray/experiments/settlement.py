"""Settlement: predictions with what happened, each row once and only where nobody could know.

An outcome is found by the request that asked and the row's number in it, else by the row's key. A
prediction counts only if it was made before its outcome could be known: before it happened, and
before it came. Of a release's predictions of the same row the last such one counts.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.data.values import INSTANT
from tracer_ray.periods import Period
from tracer_ray.prediction.outcomes import known_from

_BY_REQUEST = ["request_id", "row", "target"]
_BY_KEY = ["key", "target"]
_WHO = ["release", "variant", "is_shadow"]


def settle(predictions: pa.Table, outcomes: pa.Table, period: Period = Period.DAY) -> pa.Table:
    """The predictions that have an outcome, with `actual` and `known_at`, sorted by the latter.

    Takes tables of the schemas of predictions.py and outcomes.py, and the time that a date of
    their blueprint stands for.
    """
    newest = outcomes.sort_by([("received_at", "descending")])
    is_by_request = pc.not_equal(newest["request_id"], "")
    by_request = _joined(_alone(predictions), newest.filter(is_by_request), _BY_REQUEST)
    by_key = _joined(
        predictions.filter(pc.not_equal(predictions["key"], "")),
        newest.filter(pc.invert(is_by_request)),
        _BY_KEY,
    )
    found = _timely(pa.concat_tables([_without_guess(by_request, period), by_key]))
    latest = found.sort_by([("time", "descending")])
    named = pc.if_else(pc.equal(latest["key"], ""), _request_names(latest), latest["key"])
    once = _first(latest.append_column("_named", named), ["_named", "target", *_WHO])
    return once.drop_columns(["_named"]).sort_by([("known_at", "ascending"), ("time", "ascending")])


def _joined(predictions: pa.Table, outcomes: pa.Table, keys: list[str]) -> pa.Table:
    """Predictions with the newest outcome that has the same keys."""
    said = _first(outcomes, keys).select([*keys, "actual", "happened_at", "received_at"])
    joined = predictions.join(said, keys=keys, join_type="inner")
    return joined.select([*predictions.column_names, "actual", "happened_at", "received_at"])


def _alone(predictions: pa.Table) -> pa.Table:
    """Predictions that are the only one of their row: a day of a forecast is named by its key."""
    names = [*_BY_REQUEST, *_WHO, "time"]
    counts = predictions.group_by(names).aggregate([([], "count_all")])
    single = counts.filter(pc.equal(counts["count_all"], 1)).drop_columns(["count_all"])
    return predictions.join(single, keys=names, join_type="inner").select(predictions.column_names)


def _without_guess(rows: pa.Table, period: Period) -> pa.Table:
    """Where the outcome does not say when it happened: when the row did, if that was given.

    A row without a time was taken to happen at the very moment of asking.
    """
    given = pc.not_equal(rows["happens_at"], rows["time"])
    times = pc.if_else(given, rows["happens_at"], None).cast(pa.int64()).to_pylist()
    known = pa.array([known_from(each, period) for each in times], pa.int64())
    place = rows.column_names.index("happened_at")
    at = pc.coalesce(rows["happened_at"], known.cast(INSTANT))
    return rows.set_column(place, "happened_at", at)


def _timely(rows: pa.Table) -> pa.Table:
    """The predictions that were made before their outcome could be known."""
    instants = [rows[name].cast(pa.int64()) for name in ("happened_at", "received_at")]
    known_at = pc.min_element_wise(*instants, skip_nulls=True).cast(INSTANT)
    timely = rows.append_column("known_at", known_at)
    return timely.filter(pc.less(timely["time"], timely["known_at"]))


def _request_names(rows: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(rows["request_id"], rows["row"].cast(pa.string()), "#")


def _first(rows: pa.Table, names: list[str]) -> pa.Table:
    """The first row of each identity."""
    numbered = rows.append_column("_place", pa.array(np.arange(len(rows))))
    firsts = numbered.group_by(names).aggregate([("_place", "min")])["_place_min"]
    return rows.take(firsts.sort() if len(firsts) else firsts)
