"""Synthetic purchases: who buys at a rate of their own until they leave for good."""

import numpy as np
import pyarrow as pa

from tracer_ray.synthetic.draws import Synthetic, stream

FIRST_DAY = np.datetime64("2023-01-01", "us")
SHAPE, USUAL_GAP_DAYS = 2.0, 12.0  # of the rates at which customers buy
SHARE_LEAVING = 0.12  # after each purchase
USUAL_AMOUNT = 40.0
DAY = 86_400_000_000


def purchases(customers: int = 400, days: int = 500, seed: int = 0) -> Synthetic:
    """One row per purchase: customer_id, date, amount; all of it is invented.

    Customers come at any time of the first two thirds, wait exponentially long between purchases,
    each at a rate of their own, and leave with the same probability after every one (the beta
    geometric idea of Fader, Hardie and Lee, 2005, with one probability for all). `truth` has for
    each purchase the customer's rate per day, and whether it was the one after which the customer
    left. Raises ValueError for fewer than one customer or day.

    >>> made = purchases(customers=3, days=60, seed=1)
    >>> made.rows.column_names
    ['customer_id', 'date', 'amount']
    """
    if customers < 1 or days < 1:
        raise ValueError(f"customers={customers}, days={days}: at least one of each is needed")
    random = stream(seed, "purchases")
    rates = random.gamma(SHAPE, 1.0 / (SHAPE * USUAL_GAP_DAYS), customers)
    starts = random.uniform(0.0, days * 2.0 / 3.0, customers)
    bought, left = zip(
        *(_life(random, rate, start, days) for rate, start in zip(rates, starts, strict=True)),
        strict=True,
    )
    ends = np.cumsum([len(each) for each in bought]) - 1
    is_last = np.zeros(int(ends[-1]) + 1, np.bool_)
    is_last[ends] = left
    whose = np.repeat(np.arange(customers), [len(each) for each in bought])
    when = np.concatenate(bought)
    names = np.array([f"c{number}" for number in range(customers)])
    amounts = np.round(random.gamma(4.0, USUAL_AMOUNT / 4.0, len(when)), 2)
    dates = FIRST_DAY + (when * DAY).astype("timedelta64[us]")
    order = np.argsort(when, kind="stable")
    rows = {"customer_id": names[whose], "date": dates, "amount": amounts}
    truth = {"rate": rates[whose], "is_last": is_last}
    return Synthetic(*(pa.table({k: v[order] for k, v in each.items()}) for each in (rows, truth)))


def _life(
    random: np.random.Generator, rate: float, start: float, days: int
) -> tuple[list[float], bool]:
    """The days of one customer's purchases, and whether the customer left after the last."""
    when = [start]
    while random.random() >= SHARE_LEAVING:
        following = when[-1] + random.exponential(1.0 / rate)
        if following >= days:
            return when, False
        when.append(following)
    return when, True
