"""Which price of each product brings the most, as far as its past prices tell."""

from dataclasses import replace

from blueprints.price_elasticity import PRICE_ELASTICITY
from tracer_ray.blueprint import OutputField, Source

PRICE_OPTIMIZATION = replace(
    PRICE_ELASTICITY,
    id="price_optimization",
    name="Price optimization",
    use_case="Set each product's price where revenue, or profit with a cost, is highest.",
    what="the best price within the observed range, and what moving there changes",
    output=(
        *PRICE_ELASTICITY.output,
        OutputField(
            "profit_impact",
            Source.PROFIT_IMPACT,
            "the same of the profit, where a cost is known; else null",
        ),
    ),
)
