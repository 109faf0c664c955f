"""Random rows for any blueprint: every declared column, nulls, and owners that meet by chance."""

import numpy as np

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.data.buckets import summed_targets
from tracer_ray.periods import Period
from tracer_ray.rows import MICROSECONDS_PER_DAY, FloatArray, Rows, TextArray

OWNERS = tuple(f"owner {number}" for number in range(6))
INSTANTS = 70
START_DAY = 19_000  # some day in 2022
SHARE_OF_NULLS = 0.1
SHARE_ABSENT = 0.2


def outcomes_of(blueprint: Blueprint) -> tuple[str, ...]:
    """The numeric columns that are known only after a row."""
    declared = [
        column.name
        for column in blueprint.columns
        if column.role is Role.OUTCOME and column.kind is not Kind.CATEGORY
    ]
    return (*declared, *(target.name for target in summed_targets(blueprint)))


def random_rows(blueprint: Blueprint, seed: int) -> Rows:
    """Rows by owner and time: at each instant owners pair up by chance, and some stay away."""
    random = np.random.default_rng(seed)
    gaps = random.choice([1, 2, 5, 120], INSTANTS, p=[0.5, 0.3, 0.18, 0.02])
    hours = random.integers(0, 24, INSTANTS) * (MICROSECONDS_PER_DAY // 24)
    days = START_DAY + np.cumsum(gaps) * blueprint.period.days
    times = days * MICROSECONDS_PER_DAY + hours
    if blueprint.period is not Period.DAY:  # as rows stand once they are added up
        times = blueprint.period.floor(times)
    seats = random.permuted(np.tile(np.arange(len(OWNERS)), (INSTANTS, 1)), axis=1)
    columns = {
        each.name: _values(random, each, seats.shape)
        for each in blueprint.columns
        if each.role not in (Role.ENTITY, Role.TIME)
    }
    names = np.array(OWNERS, object)[seats]
    if blueprint.sides:
        columns |= _mirrored(blueprint, columns, names)
    flat = np.argsort(seats.T, axis=0).T  # where each owner sits at each instant
    numbers: dict[str, FloatArray] = {}
    categories: dict[str, TextArray] = {}
    for name, values in columns.items():
        by_owner = np.take_along_axis(values, flat, axis=1).T.ravel()
        if by_owner.dtype == np.float64:
            numbers[name] = by_owner.astype(np.float64)
        else:
            categories[name] = by_owner.astype(np.object_)
    for target in summed_targets(blueprint):
        numbers[target.name] = np.sum([numbers[name] for name in target.columns], axis=0)
    is_present = np.repeat(random.random((INSTANTS, len(OWNERS) // 2)) > SHARE_ABSENT, 2, axis=1)
    everything = Rows(
        entities=np.array(OWNERS, object),
        offsets=np.arange(len(OWNERS) + 1) * INSTANTS,
        times=np.tile(times, len(OWNERS)),
        keys=np.array([f"row {number}" for number in range(seats.size)], object),
        numbers=numbers,
        categories=categories,
    )
    return everything.take(np.flatnonzero(np.take_along_axis(is_present, flat, axis=1).T.ravel()))


def _values(
    random: np.random.Generator, column: Column, shape: tuple[int, ...]
) -> FloatArray | TextArray:
    if column.kind is Kind.CATEGORY:
        return random.choice(np.array(["", "red", "green", "blue"], object), shape)
    if column.kind is Kind.FLAG:
        values = random.integers(0, 2, shape).astype(np.float64)
    else:
        low = 0.0 if column.minimum is None else column.minimum
        high = low + 40.0 if column.maximum is None else column.maximum
        values = random.uniform(low, high, shape)
        values = np.floor(values) if high - low > 2.0 else values
    return np.where(random.random(shape) < SHARE_OF_NULLS, np.nan, values)


def _mirrored(
    blueprint: Blueprint, columns: dict[str, FloatArray | TextArray], names: TextArray
) -> dict[str, FloatArray | TextArray]:
    """What a row says of the other side is what the other side's row says of itself."""
    sides = blueprint.sides
    assert sides is not None
    other = np.arange(names.shape[1]) ^ 1
    found = {
        f"opponent_{pair.column}": (columns | {sides.pairs[0].column: names})[pair.column][:, other]
        for pair in sides.pairs
        if pair.column in columns or pair is sides.pairs[0]
    }
    won = np.asarray(columns[sides.won], np.float64)
    is_first = np.arange(names.shape[1]) % 2 == 0
    found[sides.won] = np.where(is_first, won, 1.0 - won[:, other])
    if sides.home:
        home = np.where(is_first, 1.0, -1.0)
        found[sides.home] = np.broadcast_to(home, names.shape).copy()
    return found
