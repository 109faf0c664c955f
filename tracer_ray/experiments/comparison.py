"""A challenger beside the champion: how their losses differ, and a verdict where there is one."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Blueprint
from tracer_ray.experiments.confidence import (
    FEWEST_UNITS,
    Difference,
    Labels,
    paired_difference,
    split_difference,
    units_needed,
)
from tracer_ray.experiments.sample import Sample

BETTER, WORSE, NONE = "better", "worse", "none yet"
_MOST_UNITS = 1_000_000
_PAIR = ["request_id", "row", "key"]
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Challenge:
    """A challenger whose test is judged; in the shadow its predictions are paired."""

    release: str
    since: datetime
    is_shadow: bool


@dataclass(frozen=True)
class Comparison:
    """`difference` is the challenger's loss minus the champion's, per row: below 0 it is better.

    `low` and `high` bound it, None before there is enough. `rows_needed` are about how many more
    settled rows a verdict takes, None where there is one, or none in sight.
    """

    target: str
    challenger: str
    champion: str
    is_paired: bool
    loss: str
    rows: int
    units: int
    unit: str
    difference: float
    low: float | None
    high: float | None
    verdict: str
    rows_needed: int | None
    text: str


def compare(sample: Sample, champion: str, tested: Challenge, alpha: float) -> Comparison:
    """Judge a challenger by the rows that were settled since its test began."""
    ours = sample.of(tested.release, is_shadow=tested.is_shadow, since=tested.since)
    theirs = sample.of(champion, is_shadow=False, since=tested.since)
    is_by_day = tested.is_shadow and _has_days(sample.blueprint)
    found = (_in_pairs if tested.is_shadow else _split)(sample, ours, theirs)
    radius = found.radius(alpha)
    verdict = NONE if abs(found.mean) <= radius else BETTER if found.mean < 0.0 else WORSE
    needed = _rows_needed(found, alpha) if verdict == NONE else None
    until = pc.max(pa.concat_tables([ours, theirs])["known_at"]).as_py() or tested.since
    days = (until - tested.since).total_seconds() / _DAY_S
    return Comparison(
        target=sample.target,
        challenger=tested.release,
        champion=champion,
        is_paired=tested.is_shadow,
        loss=sample.loss.name,
        rows=found.rows,
        units=found.units,
        unit="day" if is_by_day else "entity",
        difference=found.mean,
        low=found.mean - radius if isfinite(radius) else None,
        high=found.mean + radius if isfinite(radius) else None,
        verdict=verdict,
        rows_needed=needed,
        text=_told(verdict, found) if needed is None else _foretold(needed, found, days),
    )


def _in_pairs(sample: Sample, ours: pa.Table, theirs: pa.Table) -> Difference:
    """The difference of both predictions of the same rows, by days or by entities."""
    other = theirs.select([*_PAIR, "prediction"]).rename_columns([*_PAIR, "prediction_theirs"])
    pairs = ours.join(other, keys=_PAIR, join_type="inner")
    labels = _days(pairs) if _has_days(sample.blueprint) else _entities(pairs)
    return paired_difference(sample.losses(pairs), sample.losses(pairs, "_theirs"), labels)


def _split(sample: Sample, ours: pa.Table, theirs: pa.Table) -> Difference:
    """The difference of rows that were given to one or the other with their entity."""
    units = _entities(pa.concat_tables([ours, theirs]))
    mine, others = units[: len(ours)], units[len(ours) :]
    return split_difference(sample.losses(ours), sample.losses(theirs), mine, others)


def _has_days(blueprint: Blueprint) -> bool:
    """Whether rows follow each other in time, so that those of one day are connected."""
    return blueprint.entity is not None and blueprint.time is not None


def _days(rows: pa.Table) -> Labels:
    """The day on which each row's outcome could be known, int64 [rows]."""
    instants: Labels = rows["known_at"].cast(pa.int64()).to_numpy()
    return instants // round(_DAY_S * 1_000_000)


def _entities(rows: pa.Table) -> Labels:
    """A number for each row's entity; a row about none is a unit of its own. int64 [rows]."""
    names = pc.coalesce(rows["entity"], rows["request_id"])
    labels: Labels = (
        pc.dictionary_encode(names.combine_chunks()).indices.cast(pa.int64()).to_numpy()
    )
    return labels


def _rows_needed(found: Difference, alpha: float) -> int | None:
    units = units_needed(found, alpha, _MOST_UNITS) if found.variance else None
    if units is None or not found.units:
        return None
    return round((units - found.units) * found.rows / found.units)


def _told(verdict: str, found: Difference) -> str:
    """A verdict as a sentence, or that there is none in sight."""
    if verdict != NONE:
        return f"the challenger is {verdict}"
    return f"no verdict yet, and none in sight{_few(found)}"


def _foretold(needed: int, found: Difference, days: float) -> str:
    """When there may be a verdict; the rows so far were settled within so many days."""
    return (
        f"no verdict yet: about {needed:,} more settled rows if nothing changes, "
        f"{needed * days / found.rows:,.1f} days at this rate{_few(found)}"
    )


def _few(found: Difference) -> str:
    return "" if found.is_enough else f" (at least {FEWEST_UNITS} units on each side are needed)"
