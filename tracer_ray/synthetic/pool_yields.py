"""Synthetic yields of liquidity pools whose expected course is known."""

import numpy as np
import pyarrow as pa

from tracer_ray.synthetic.draws import Synthetic, drift, stream

FIRST_DAY = np.datetime64("2024-01-01", "us")
CHAINS = ("ethereum", "arbitrum", "base")
DAYS_AHEAD = 7
MEMORY = 0.8  # of what lifts a pool's yield above its level, from day to day
SPREAD = 0.5  # of the same, in logarithms
LEVEL_SPREAD = 0.7


def pool_yields(pools: int = 40, days: int = 400, seed: int = 0) -> Synthetic:
    """One row per pool and day; all of it is invented.

    The log of (1 + apy) is the pool's level plus a stationary first-order autoregression, so a high
    yield falls back and a low one recovers. `truth` has `average_yield`: of the row's day and the
    six that follow, what the yields come to on average if nothing but the expected happens after
    the day before. Raises ValueError for no pool or fewer than two days.

    >>> pool_yields(pools=3, days=10, seed=1).rows.num_rows
    30
    """
    if pools < 1 or days < 2:
        raise ValueError(f"pools={pools}, days={days}: one pool and two days are needed at least")
    random = stream(seed, "pool_yields")
    level = np.log1p(6.0) + random.normal(0.0, LEVEL_SPREAD, pools)
    moves = drift(random, days, pools, SPREAD, MEMORY)
    logs = np.maximum(level + moves, 0.0)
    before = np.concatenate([np.zeros((1, pools)), moves[:-1]])
    ahead = [level + MEMORY**step * before for step in range(1, DAYS_AHEAD + 1)]
    expected = np.mean([np.expm1(np.maximum(each, 0.0)) for each in ahead], axis=0)
    locked = np.exp(random.normal(16.0, 1.0, pools) + drift(random, days, pools, 0.3, 0.98))
    names = np.array([f"pool {number + 1:03d}" for number in range(pools)])
    rows = pa.table(
        {
            "pool": np.tile(names, days),
            "date": pa.array(
                np.repeat(FIRST_DAY + np.arange(days) * np.timedelta64(1, "D"), pools),
                pa.timestamp("us"),
            ),
            "apy": np.expm1(logs).ravel(),
            "tvl_usd": locked.ravel().round(2),
            "chain": np.tile(np.array(CHAINS)[np.arange(pools) % len(CHAINS)], days),
        }
    )
    return Synthetic(rows, pa.table({"average_yield": expected.ravel()}))
