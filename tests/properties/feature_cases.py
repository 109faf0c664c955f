"""Matches with nulls, gaps, seasons and clashes, and a blueprint that reads them in every way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    Pair,
    Portfolio,
    Role,
    Sides,
    Target,
)
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.feature_program.state import FeatureState
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.features import CALENDAR_PARTS, Feature, Op, calendar, code, history, value, versus
from tracer_ray.rows import MICROSECONDS_PER_DAY, Float32Array, IntArray, Rows

VOCABULARY = Vocabulary({"arena": ("north", "south")})
OUTCOMES = ("won", "score", "opponent_score")
WINDOW_OPS = (
    Op.LAG,
    Op.MEAN,
    Op.STD,
    Op.MIN,
    Op.MAX,
    Op.MEDIAN,
    Op.WEIGHTED_MEAN,
    Op.SLOPE,
    Op.MOMENTUM,
    Op.EWM,
)
PAST_OPS = (
    Op.EXPANDING_MEAN,
    Op.EXPANDING_STD,
    Op.SEASON_MEAN,
    Op.SEASON_COUNT,
    Op.COUNT,
)


def past(column: str, by: str = "") -> tuple[Feature, ...]:
    """Every operation on the past of a column, and on the times of its rows."""
    prefix = f"{by}_" if by else ""
    return (
        *(feature for op in WINDOW_OPS for feature in history(op, column, 1, 3, 5, by=by)),
        *(feature for op in PAST_OPS for feature in history(op, column, by=by)),
        Feature(f"{prefix}rest_days", Op.REST_DAYS, by=by),
        Feature(f"{prefix}rows_30_days", Op.RECENT_COUNT, window=30, by=by),
    )


DUELS = Blueprint(
    id="duels",
    name="Duels",
    category="test",
    use_case="Read the past in every way.",
    who="two sides",
    when="before the match",
    what="who wins",
    horizon="the next match",
    columns=(
        Column("side", Kind.CATEGORY, Role.ENTITY, "a side"),
        Column("opponent_side", Kind.CATEGORY, Role.KNOWN, "the other side"),
        Column("match_time", Kind.TIME, Role.TIME, "start"),
        Column("arena", Kind.CATEGORY, Role.KNOWN, "place"),
        Column("won", Kind.FLAG, Role.OUTCOME, "whether this side won"),
        Column("score", Kind.NUMBER, Role.OUTCOME, "score"),
        Column("opponent_score", Kind.NUMBER, Role.OUTCOME, "the other side's score"),
        Column("home", Kind.NUMBER, Role.KNOWN, "1 at home, -1 away"),
        Column("rank", Kind.NUMBER, Role.KNOWN, "rank"),
        Column("opponent_rank", Kind.NUMBER, Role.KNOWN, "the other side's rank"),
    ),
    targets=(Target("won", ("won",), Answer.PROBABILITY, "the side wins"),),
    features=(
        value("rank"),
        code("arena"),
        *(calendar(part) for part in CALENDAR_PARTS),
        *versus((value("rank"),)),
        *past("score"),
        *versus(past("score")),
        *past("score", by="arena"),
        *history(Op.MEAN, "opponent_score", 2, by="opponent_side"),
        *history(Op.MEAN, "score", 3, by="arena", per_row=True),
        *history(Op.EWM, "score", 5, by="arena", per_row=True),
        Feature("rating", Op.RATING, window=32),
        *versus((Feature("rating", Op.RATING, window=20),)),
        Feature("rating_probability", Op.RATING_PROBABILITY, window=32),
    ),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=Portfolio((), ()),
    output=(),
    sides=Sides((Pair("side", ("a",), ("b",)),), won="won", home="home"),
    season_start_month=8,
)


@dataclass(frozen=True)
class Match:
    """A match: days since its predecessor, the sides, the place and the scores (NaN unknown)."""

    gap_days: float
    sides: tuple[str, str]
    arena: str
    scores: tuple[float, float]
    is_won_known: bool = True


_SCORE = st.one_of(st.integers(0, 9).map(float), st.just(0.1), st.just(float("nan")))
_MATCH = st.builds(
    Match,
    st.sampled_from([0.0, 0.25, 1.0, 7.0, 45.0, 200.0]),
    st.permutations(["ann", "bob", "cyd", "dan"]).map(lambda names: (names[0], names[1])),
    st.sampled_from(["", "north", "south"]),
    st.tuples(_SCORE, _SCORE),
    st.booleans(),
)


def matches() -> st.SearchStrategy[list[Match]]:
    """Lists of matches in order of time, some at the same time."""
    return st.lists(_MATCH, min_size=1, max_size=25)


def rows_of(played: Sequence[Match]) -> Rows:
    """One row per side and match, by side and time."""
    times = np.cumsum([match.gap_days for match in played]) * MICROSECONDS_PER_DAY
    records = [
        (match.sides[side], int(time), f"{number}{side}", match, side)
        for number, (match, time) in enumerate(zip(played, times, strict=True))
        for side in (0, 1)
    ]
    records.sort(key=lambda record: record[:3])
    owners = np.array([record[0] for record in records], object)
    names, starts = np.unique(owners.astype(str), return_index=True)
    each = [(match, side) for *_, match, side in records]
    scores = np.array([match.scores[side] for match, side in each])
    others = np.array([match.scores[1 - side] for match, side in each])
    is_won_known = np.array([match.is_won_known for match, _ in each])
    ranks = np.array([len(owner) + ord(owner[0]) for owner in owners], float)
    return Rows(
        names.astype(object),
        np.append(starts, len(records)).astype(np.int64),
        np.array([record[1] for record in records], np.int64),
        np.array([record[2] for record in records], object),
        {
            "won": np.where(is_won_known, (scores > others).astype(float), np.nan),
            "score": scores,
            "opponent_score": others,
            "home": np.array([1.0 - 2.0 * side for _, side in each]),
            "rank": ranks,
            "opponent_rank": ranks[::-1] + 1.0,
        },
        {
            "opponent_side": np.array([match.sides[1 - side] for match, side in each], object),
            "arena": np.array([match.arena for match, _ in each], object),
        },
    )


def program() -> FeatureProgram:
    """The program of every feature above."""
    return compile_program(DUELS, ["won"])


def in_full(
    compiled: FeatureProgram,
    rows: Rows,
    state: FeatureState | None = None,
    buckets: int = 1,
) -> tuple[Float32Array, FeatureState]:
    """The full path over that many buckets, and the state after it."""
    owners = rows.entity_index
    places = [np.flatnonzero(owners % buckets == bucket) for bucket in range(buckets)]
    parts = [rows.take(place) for place in places]
    summaries = [compiled.summarise(part, state) for part in parts]
    cross = compiled.cross(summaries[::-1], state)
    matrix = np.empty((len(rows), len(compiled.names)), np.float32)
    states = [] if state is None else [state]
    for part, place in zip(parts, places, strict=True):
        matrix[place], moved = compiled.transform(part, cross, VOCABULARY, state)
        states.append(moved)
    return matrix, FeatureState.merge([*states, cross.state])


def before_and_from(rows: Rows, instant: int) -> tuple[IntArray, IntArray]:
    """The positions of the rows before an instant, and of the others."""
    return np.flatnonzero(rows.times < instant), np.flatnonzero(rows.times >= instant)
