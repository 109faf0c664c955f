"""Matches: one raw row in which two sides meet becomes one row per side.

Between reading and unfolding, a match is one row seen from one side: the columns of a pair are
`<column>` and `opponent_<column>`, and `won` is 1.0, 0.0, 0.5 for a draw, or null.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.blueprint import Kind, Sides
from tracer_ray.data.matching import OPPONENT, RESULT, RESULTS, SCORELINE, VENUE
from tracer_ray.data.schema import Plan
from tracer_ray.data.scorelines import first_score, is_unplayed, second_score
from tracer_ray.data.values import BoolArray, by_distinct, parse

_DRAW = 0.5
_AWAY_SIGN = "@"
_CODE_AND_SCORE = re.compile(r"(?P<code>[wldt])[,\s]*\d.*")  # whose score comes first varies
_CODES = {"w": 1.0, "l": 0.0, "d": _DRAW, "t": _DRAW}


@dataclass(frozen=True)
class Decided:
    """Matches with `won` and `home` filled in; `problems` has "" for a row that makes sense."""

    table: pa.Table
    problems: tuple[str, ...]


def decide(table: pa.Table, sides: Sides, plan: Plan) -> Decided:
    """Fill the first side's `won` and `home` in normalised matches, and scores of one column.

    Without sense are a side that meets itself, and a result that is neither a side's name nor a
    known code nor a score.
    """
    meets_itself = _mask(pc.equal(*_names(table, sides)))
    table = _with_scores(table, sides, plan)
    won, is_unknown = _first_won(table, sides, plan)
    reasons = np.where(is_unknown, "the result is neither a side nor a known code nor a score", "")
    columns = {name: table[name] for name in table.column_names if name not in (*RESULTS, VENUE)}
    columns[sides.won] = won
    if sides.home:
        columns[sides.home] = _first_home(table, sides, plan)
    return Decided(
        pa.table(columns), tuple(np.where(meets_itself, "a side meets itself", reasons).tolist())
    )


def mirror(table: pa.Table, sides: Sides) -> pa.Table:
    """The same matches seen from the other side.

    >>> from blueprints.match_outcome import MATCH_OUTCOME
    >>> match = pa.table({"side": ["A"], "opponent_side": ["B"], "won": [1.0], "home": [1.0]})
    >>> mirror(match, MATCH_OUTCOME.sides).to_pylist()
    [{'side': 'B', 'opponent_side': 'A', 'won': 0.0, 'home': -1.0}]
    """
    columns = {name: table[name] for name in table.column_names}
    for pair in sides.pairs:
        if pair.column in columns and OPPONENT + pair.column in columns:
            columns[pair.column] = table[OPPONENT + pair.column]
            columns[OPPONENT + pair.column] = table[pair.column]
    columns[sides.won] = pc.subtract(1.0, table[sides.won])
    if sides.home in columns:
        columns[sides.home] = pc.subtract(0.0, table[sides.home])
    return pa.table(columns)


def orient(table: pa.Table, sides: Sides) -> pa.Table:
    """Every match seen from the side whose name sorts first.

    So two listings of one match, also with the sides swapped, are equal rows.
    """
    is_swapped = pc.greater(*_names(table, sides))
    swapped = mirror(table, sides)
    return pa.table(
        {name: pc.if_else(is_swapped, swapped[name], table[name]) for name in table.column_names}
    )


def unfold(table: pa.Table, sides: Sides) -> pa.Table:
    """One row per side: all matches from their first side's view, then from the second's.

    Columns that are no pair are copied to both. `won` of the two rows is complementary, but a
    draw is won by neither.

    >>> from blueprints.match_outcome import MATCH_OUTCOME
    >>> match = pa.table({"side": ["A", "A"], "opponent_side": ["B", "B"], "won": [0.0, 0.5]})
    >>> unfold(match, MATCH_OUTCOME.sides).select(["side", "won"]).to_pylist()
    [{'side': 'A', 'won': 0.0}, {'side': 'A', 'won': 0.0}, \
{'side': 'B', 'won': 1.0}, {'side': 'B', 'won': 0.0}]
    """
    both = pa.concat_tables([table, mirror(table, sides)], promote_options="permissive")
    won = pc.if_else(pc.equal(both[sides.won], _DRAW), 0.0, both[sides.won])
    return both.set_column(both.column_names.index(sides.won), sides.won, won)


def match_keys(table: pa.Table, sides: Sides, match_id: str, time: str) -> pa.Array:
    """The identity of each match: its id, or where it has none a hash of time and sorted sides."""
    moments = table[time].cast(pa.int64()).to_pylist()
    ids = table[match_id].to_pylist() if match_id in table.column_names else [None] * len(table)
    names = [each.to_pylist() for each in _names(table, sides)]
    return pa.array(
        [
            known or _digest(f"{moment}\n{min(a, b)}\n{max(a, b)}")
            for known, moment, a, b in zip(ids, moments, *names, strict=True)
        ],
        pa.string(),
    )


def separate(table: pa.Table, sides: Sides, time: str) -> pa.Table:
    """Give the matches of one side at one instant different times, in their order.

    Each later one is moved by a microsecond, for both its sides alike, so that a side's history is
    strictly rising. The matches must be sorted by time; all matches of an instant must be here.
    """
    moments = table[time].cast(pa.int64()).to_numpy()
    shifts = np.zeros(len(table), dtype=np.int64)
    taken: dict[tuple[int, str], int] = {}
    names = [each.to_pylist() for each in _names(table, sides)]
    for row, (moment, a, b) in enumerate(zip(moments.tolist(), *names, strict=True)):
        shift = max(taken.get((moment, a), 0), taken.get((moment, b), 0))
        taken[moment, a] = taken[moment, b] = shift + 1
        shifts[row] = shift
    moved = pa.array(moments + shifts).cast(table.schema.field(time).type)
    return table.set_column(table.column_names.index(time), time, moved)


def _with_scores(table: pa.Table, sides: Sides, plan: Plan) -> pa.Table:
    """The matches with the scores that one column says, where one does."""
    if SCORELINE not in plan.mapping:
        return table
    given = table[SCORELINE].combine_chunks()
    said = {sides.score: first_score(given), OPPONENT + sides.score: second_score(given)}
    return pa.table({**dict(zip(table.column_names, table.columns, strict=True)), **said})


def _first_won(table: pa.Table, sides: Sides, plan: Plan) -> tuple[pa.Array, BoolArray]:
    nothing = np.zeros(len(table), dtype=np.bool_)
    if plan.winner_first:
        return pa.array(np.ones(len(table))), nothing
    if RESULT in plan.mapping:
        return _won_by_result(table, sides)
    if not {sides.score, SCORELINE} & plan.mapping.keys():
        return pa.nulls(len(table), pa.float64()), nothing
    own, other = (table[name].combine_chunks() for name in (sides.score, OPPONENT + sides.score))
    scored = _won_by_score(own, other)
    if sides.score in plan.mapping:
        return scored, nothing
    given = table[SCORELINE].combine_chunks()
    return _told(given, pc.coalesce(_by_code_beside_scores(given), scored))


def _first_home(table: pa.Table, sides: Sides, plan: Plan) -> pa.Array:
    """1.0 where the first side is at home, -1.0 where it is away, 0.0 where nothing says.

    Where a mere @ says away, nothing says home.
    """
    if VENUE not in plan.mapping or plan.home:
        return pa.array(np.full(len(table), plan.home))
    said = {**dict.fromkeys(sides.at_home, 1.0), **dict.fromkeys(sides.away, -1.0)}
    given = table[VENUE].combine_chunks()
    at = by_distinct(given, lambda value: said.get(str(value).lower(), 0.0), pa.float64())
    return pc.fill_null(at, 1.0 if pc.any(pc.equal(given, _AWAY_SIGN)).as_py() else 0.0)


def _won_by_result(table: pa.Table, sides: Sides) -> tuple[pa.Array, BoolArray]:
    """From a side's name, else from a code, a flag or both scores."""
    first, second = _names(table, sides)
    given = table[RESULT].combine_chunks()
    flags = parse(given, Kind.FLAG).values
    codes = {
        **dict.fromkeys(sides.first_wins, 1.0),
        **dict.fromkeys(sides.second_wins, 0.0),
        **dict.fromkeys(sides.draw, _DRAW),
    }
    coded = by_distinct(given, lambda value: codes.get(str(value).lower()), pa.float64())
    beside = _by_code_beside_scores(given)
    scored = _won_by_score(first_score(given), second_score(given))
    won = pc.if_else(
        _mask(pc.equal(given, first)),
        1.0,
        pc.if_else(_mask(pc.equal(given, second)), 0.0, pc.coalesce(coded, beside, flags, scored)),
    )
    return _told(given, won)


def _by_code_beside_scores(given: pa.Array) -> pa.Array:
    """Who won by a letter before both scores (`W 24-17`); null where none stands there."""

    def read(result: object) -> float | None:
        found = _CODE_AND_SCORE.fullmatch(str(result).lower())
        return _CODES[found["code"]] if found else None

    return by_distinct(given, read, pa.float64())


def _told(given: pa.Array, won: pa.Array) -> tuple[pa.Array, BoolArray]:
    """Who won, and which results of matches that were played do not say it."""
    is_played = by_distinct(given, lambda value: not is_unplayed(str(value)), pa.bool_())
    return won, np.asarray(pc.fill_null(is_played, False)) & np.asarray(won.is_null())


def _won_by_score(own: pa.Array, other: pa.Array) -> pa.Array:
    decided = pc.if_else(pc.greater(own, other), 1.0, 0.0)
    return pc.if_else(pc.equal(own, other), _DRAW, decided)


def _names(table: pa.Table, sides: Sides) -> tuple[pa.Array, pa.Array]:
    column = sides.pairs[0].column
    return table[column].combine_chunks(), table[OPPONENT + column].combine_chunks()


def _mask(condition: pa.Array) -> BoolArray:
    mask: BoolArray = np.asarray(pc.fill_null(condition, False))
    return mask


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
