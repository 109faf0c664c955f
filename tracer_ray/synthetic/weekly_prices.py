"""Weekly prices and sales of products with known elasticities."""

import numpy as np
import pyarrow as pa

from tracer_ray.synthetic.draws import Synthetic, drift, stream

FIRST_DAY = np.datetime64("2021-01-04", "us")
ELASTICITY, ELASTICITY_SPREAD = -2.0, 0.5
PRICE_SPREAD, PRICE_MEMORY = 0.15, 0.7
PROMOTION_SHARE, PROMOTION_CUT, PROMOTION_LIFT = 0.15, 0.15, 0.3
SEASON_SWING = 0.2
NOISE, NOISE_MEMORY = 0.3, 0.4
MARGIN = 0.4


def weekly_prices(products: int = 20, weeks: int = 156, seed: int = 0) -> Synthetic:
    """A row per product and week: product_id, date, price, promotion, cost, quantity_sold.

    log quantity = level + elasticity * log price + promotion + yearly season + noise, which keeps
    0.4 of its value from week to week. Elasticities are normal around -2 with deviation 0.5, at
    most -0.2; prices wander by 15 % and are cut further while promoted. `truth` has each row's
    elasticity and its median quantity.

    >>> made = weekly_prices(products=2, weeks=3, seed=1)
    >>> made.rows.num_rows, made.truth.column_names
    (6, ['elasticity', 'typical_quantity'])
    """
    random = stream(seed, "weekly_prices")
    elasticity = np.minimum(random.normal(ELASTICITY, ELASTICITY_SPREAD, products), -0.2)
    level = random.normal(6.0, 1.0, products)
    usual = random.uniform(1.0, 10.0, products)
    promotion = random.random((weeks, products)) < PROMOTION_SHARE
    moved = drift(random, weeks, products, PRICE_SPREAD, PRICE_MEMORY) - PROMOTION_CUT * promotion
    season = SEASON_SWING * np.sin(2.0 * np.pi * np.arange(weeks) * 7.0 / 365.25)
    typical = np.exp(level + elasticity * moved + PROMOTION_LIFT * promotion + season[:, None])
    noise = drift(random, weeks, products, NOISE, NOISE_MEMORY)
    dates = FIRST_DAY + np.arange(weeks) * np.timedelta64(7, "D")
    names = np.array([f"product-{number:04d}" for number in range(products)])
    rows = pa.table(
        {
            "product_id": np.tile(names, weeks),
            "date": pa.array(np.repeat(dates, products), pa.timestamp("us")),
            "price": (usual * np.exp(moved)).ravel().round(4),
            "promotion": promotion.ravel(),
            "cost": np.tile((usual * (1.0 - MARGIN)).round(4), weeks),
            "quantity_sold": (typical * np.exp(noise)).ravel().round(3),
        }
    )
    truth = pa.table(
        {"elasticity": np.tile(elasticity, weeks), "typical_quantity": typical.ravel()}
    )
    return Synthetic(rows, truth)
