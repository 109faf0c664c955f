"""Synthetic daily sales of stores with weekdays, promotions and a season."""

import numpy as np
import pyarrow as pa

from tracer_ray.synthetic.draws import Synthetic, drift, stream

FIRST_DAY = np.datetime64("2023-01-02", "us")  # a Monday
SUNDAY = 6
PROMOTION_LIFT = 0.25  # in log sales
PROMOTION_EVERY_DAYS = 14
SEASON_SWING = 0.15
NOISE = 0.08
LEVEL_SPREAD = 0.5
DRIFT_SPREAD = 0.1
DRIFT_MEMORY = 0.995


def daily_sales(stores: int = 12, days: int = 700, seed: int = 0) -> Synthetic:
    """One row per store and open day (Sundays are closed, without a row); all of it is invented.

    The log of a day's sales is the store's level, which wanders, plus its own weekday pattern, a
    yearly season, the lift of a promotion (the first week of every two) and noise. `truth` has
    `typical_sales`, the median given all but the noise. Raises ValueError for no store or no day.

    >>> daily_sales(stores=2, days=14, seed=1).rows.num_rows
    24
    """
    if stores < 1 or days < 1:
        raise ValueError(f"stores={stores}, days={days}: at least one of each is needed")
    random = stream(seed, "daily_sales")
    day = np.arange(days)
    weekday = day % 7
    level = 8.0 + random.normal(0.0, LEVEL_SPREAD, stores)
    pattern = random.normal(0.0, 0.15, (7, stores))
    season = SEASON_SWING * np.sin(2.0 * np.pi * day / 365.25)
    promotion = (day % PROMOTION_EVERY_DAYS < 7) & (weekday < 5)
    wander = drift(random, days, stores, DRIFT_SPREAD, DRIFT_MEMORY)
    expected = level + wander + pattern[weekday] + (season + PROMOTION_LIFT * promotion)[:, None]
    sales = np.exp(expected + random.normal(0.0, NOISE, expected.shape))
    is_open = np.flatnonzero(weekday != SUNDAY)
    names = np.array([f"Store {number + 1:02d}" for number in range(stores)])
    rows = pa.table(
        {
            "store": np.tile(names, len(is_open)),
            "date": pa.array(
                np.repeat(FIRST_DAY + is_open * np.timedelta64(1, "D"), stores), pa.timestamp("us")
            ),
            "sales": sales[is_open].ravel().round(2),
            "promotion": np.repeat(promotion[is_open], stores),
        }
    )
    return Synthetic(rows, pa.table({"typical_sales": np.exp(expected[is_open]).ravel()}))
