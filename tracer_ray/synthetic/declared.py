"""Synthetic rows of any blueprint without sides, made from what it declares."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracer_ray.blueprint import Blueprint, Column, Kind, Role
from tracer_ray.features import ROW_OPS
from tracer_ray.rows import FloatArray
from tracer_ray.synthetic.draws import Synthetic, sigmoid, stream

SIGNALS = (1.2, -0.9, 0.7, -0.6)  # of the first known columns that a feature reads, standardised
OWNER_SPREAD = 0.8  # of what belongs to the entity for good
BASE_LOGIT = -0.8
LEVELS = ("alpha", "beta", "gamma", "delta")
ROWS_PER_OWNER = 40
FIRST_DAY = np.datetime64("2024-01-01", "us")
ROWS_PER_DAY = 10

Values = npt.NDArray[np.generic]


def declared(blueprint: Blueprint, n: int = 1500, seed: int = 0) -> Synthetic:
    """One row per thing with every declared column, named and bounded as it is declared.

    The first four known columns that a feature reads carry the signal (a number or flag by its
    standard score, a category by its level), and so does the entity where there is one. The log
    odds of a flag are linear in it; a number has an exponential mean and gamma noise. All other
    columns are noise. `truth` has each target's probability or expected value.

    Raises ValueError for fewer than one row, and for blueprints in whose rows two sides meet.

    >>> from tracer_ray.archive import blueprint
    >>> made = declared(blueprint("customer_churn"), n=5, seed=1)
    >>> made.rows.num_rows, made.truth.column_names
    (5, ['churned'])
    """
    if n < 1 or blueprint.sides:
        raise ValueError(f"{blueprint.id}: n={n}; at least one row, and no sides, are needed")
    owners = stream(seed, "owners").integers(0, -(-n // ROWS_PER_OWNER), n)
    known = {
        each.name: _known(each, owners, seed)
        for each in blueprint.columns
        if each.role is not Role.OUTCOME
    }
    signal = _signal(blueprint, known) + _owner_effect(blueprint, owners, seed)
    outcomes = {
        each.name: _outcome(each, signal, stream(seed, f"{each.name}/outcome"))
        for each in blueprint.columns
        if each.role is Role.OUTCOME
    }
    truth = {
        target.name: np.sum(
            [_expected(blueprint.column(c), signal) for c in target.columns], axis=0
        )
        for target in blueprint.targets
    }
    return Synthetic(pa.table(known | outcomes), pa.table(truth))


def _known(column: Column, owners: npt.NDArray[np.int64], seed: int) -> Values:
    """The values of a column that is known before the outcome, [rows]."""
    n, random = len(owners), stream(seed, column.name)
    if column.role is Role.TIME:
        return np.asarray(FIRST_DAY + np.arange(n) * np.timedelta64(86_400 // ROWS_PER_DAY, "s"))
    if column.role is Role.ROW:
        return np.array([f"{column.name}-{number:06d}" for number in range(n)])
    if column.role in (Role.ENTITY, Role.LABEL):
        return np.array([f"{column.name}-{number:03d}" for number in owners.tolist()])
    if column.role is Role.ORDER:
        return np.arange(n)
    if column.kind is Kind.CATEGORY:
        return random.choice(np.array(LEVELS), n)
    if column.kind is Kind.FLAG:
        return random.random(n) < 0.5
    return _numbers(column, random, n)


def _numbers(column: Column, random: np.random.Generator, n: int) -> FloatArray:
    """Numbers as the bounds allow: even between two, a gamma above one, else a normal."""
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return random.uniform(low, high, n)
    if low is not None:
        return low + random.gamma(2.0, 10.0, n)
    return random.normal(50.0, 15.0, n)


def _signal(blueprint: Blueprint, known: dict[str, Values]) -> FloatArray:
    read = dict.fromkeys(each.column for each in blueprint.features if each.op in ROW_OPS)
    columns = [name for name in read if name and blueprint.column(name).role is Role.KNOWN]
    total = np.zeros(len(next(iter(known.values()))))
    for name, effect in zip(columns, SIGNALS, strict=False):
        total += effect * _score(known[name])
    return total


def _score(values: Values) -> FloatArray:
    """The standard score of numbers and flags; of a category that of its level's place."""
    if values.dtype.kind == "U":
        values = np.array([LEVELS.index(str(value)) for value in values])
    numbers = values.astype(np.float64)
    spread = float(numbers.std()) or 1.0
    return np.asarray((numbers - numbers.mean()) / spread, np.float64)


def _owner_effect(blueprint: Blueprint, owners: npt.NDArray[np.int64], seed: int) -> FloatArray:
    if blueprint.entity is None:
        return np.zeros(len(owners))
    effects = stream(seed, "owner effect").normal(0.0, OWNER_SPREAD, int(owners.max()) + 1)
    return np.asarray(effects[owners], np.float64)


def _expected(column: Column, signal: FloatArray) -> FloatArray:
    """The probability of a flag, or the mean of a number, [rows]."""
    if column.kind is Kind.FLAG:
        return sigmoid(BASE_LOGIT + signal)
    low = column.minimum or 0.0
    return np.asarray(low + 10.0 * np.exp(0.4 * signal))


def _outcome(column: Column, signal: FloatArray, random: np.random.Generator) -> Values:
    if column.kind is Kind.CATEGORY:
        return random.choice(np.array(LEVELS), len(signal))
    expected = _expected(column, signal)
    if column.kind is Kind.FLAG:
        return random.random(len(signal)) < expected
    low, shape = column.minimum or 0.0, 4.0
    return np.asarray(low + random.gamma(shape, (expected - low) / shape))
