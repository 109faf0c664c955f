"""Synthetic subscribers: one row per customer, as a snapshot."""

import numpy as np
import pyarrow as pa

from tracer_ray.rows import FloatArray, IntArray
from tracer_ray.synthetic.draws import Synthetic, sigmoid, stream

# How common each kind is, and how it moves the log odds of leaving.
CONTRACTS = {
    "month-to-month": (0.55, 0.9),
    "one year": (0.21, -0.6),
    "two year": (0.24, -1.5),
}
PAYMENT_METHODS = {
    "electronic check": (0.34, 0.4),
    "mailed check": (0.22, -0.1),
    "bank transfer": (0.22, -0.2),
    "credit card": (0.22, -0.2),
}
INTERCEPT = -1.05
PER_TENURE_MONTH = -0.03
PER_EXTRA_CHARGE = 0.02  # per unit of money above the typical charge of 65
PER_TICKET = 0.35


def customers(n: int = 2000, seed: int = 0) -> Synthetic:
    """One row per customer with a yes/no churn column; all of it is invented.

    The probability of leaving is logistic in tenure, charge, contract, payment method and support
    tickets; `truth` has it as `churn_probability`. Total charges are null in the first month.
    Raises ValueError for fewer than one customer.

    >>> made = customers(n=3, seed=1)
    >>> made.rows.column_names[:3]
    ['customer_id', 'tenure', 'monthly_charges']
    """
    if n < 1:
        raise ValueError(f"n={n}: at least one customer is needed")
    random = stream(seed, "customers")
    contract = _draw_kinds(random, CONTRACTS, n)
    payment = _draw_kinds(random, PAYMENT_METHODS, n)
    longest = np.where(contract == 0, 40.0, 72.0)
    tenure = np.ceil(longest * random.beta(0.8, 1.1, n)).astype(np.int64)
    charge = np.round(np.clip(random.normal(65.0, 27.0, n), 18.0, 120.0), 2)
    tickets: IntArray = random.poisson(random.gamma(1.2, 0.8, n))
    logit = (
        INTERCEPT
        + PER_TENURE_MONTH * tenure
        + PER_EXTRA_CHARGE * (charge - 65.0)
        + PER_TICKET * tickets
        + _effects(CONTRACTS)[contract]
        + _effects(PAYMENT_METHODS)[payment]
    )
    probability = sigmoid(logit)
    has_left = random.random(n) < probability
    total = np.round(charge * tenure * random.normal(1.0, 0.03, n), 2)
    rows = pa.table(
        {
            "customer_id": [f"C{number:06d}" for number in range(n)],
            "tenure": tenure,
            "monthly_charges": charge,
            "total_charges": pa.array(total, mask=tenure <= 1),
            "contract": np.array(list(CONTRACTS))[contract],
            "payment_method": np.array(list(PAYMENT_METHODS))[payment],
            "support_tickets": tickets,
            "churn": np.where(has_left, "Yes", "No"),
        }
    )
    return Synthetic(rows, pa.table({"churn_probability": probability}))


def _draw_kinds(
    random: np.random.Generator, kinds: dict[str, tuple[float, float]], n: int
) -> IntArray:
    shares = [share for share, _ in kinds.values()]
    return random.choice(len(kinds), n, p=shares)


def _effects(kinds: dict[str, tuple[float, float]]) -> FloatArray:
    return np.array([effect for _, effect in kinds.values()])
