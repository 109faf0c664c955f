"""What a transaction will cost on each of the coming days."""

from tracer_ray.blueprint import Answer, Blueprint, Column, Kind, Role, Target, names
from tracer_ray.features import Op, history
from tracer_ray.series_forecast import (
    SERIES_SPLIT,
    forecast_output,
    series_baselines,
    series_features,
    series_portfolio,
)

GAS_PRICE_FORECAST = Blueprint(
    id="gas_price_forecast",
    name="Gas price forecast",
    category="markets",
    use_case="Choose the day for transactions that can wait.",
    who="one chain",
    when="at the end of a day, knowing all days before the forecast",
    what="the average gas price of each of the coming days",
    horizon="1 to 7 days ahead",
    horizon_steps=7,
    averages=("gas_price", "coin_price"),
    columns=(
        Column(
            "chain",
            Kind.CATEGORY,
            Role.ENTITY,
            "the chain; absent for one series",
            aliases=("network", "blockchain"),
        ),
        Column(
            "date",
            Kind.TIME,
            Role.TIME,
            "the day, or a time within it",
            aliases=names("day timestamp datetime block_time block_timestamp collected_at"),
            required=True,
        ),
        Column(
            "gas_price",
            Kind.NUMBER,
            Role.OUTCOME,
            "average price of the day",
            "wei or gwei, as in the data",
            names(
                "avg_gas_price_wei avg_gas_price gas_price_gwei gas_price_wei value_wei "
                "base_fee average_gas_price median_gas_price mean_gas_price "
                "propose_gas_price standard_gas_price base_fee_gwei avg_base_fee "
                "base_fee_per_gas effective_gas_price avg_gas_gwei median_gas_gwei"
            ),
            required=True,
            minimum=0.0,
        ),
        Column(
            "gas_used",
            Kind.NUMBER,
            Role.OUTCOME,
            "gas used that day",
            "gas",
            ("gas_used_total",),
            minimum=0.0,
        ),
        Column(
            "transactions",
            Kind.NUMBER,
            Role.OUTCOME,
            "transactions of the day",
            "count",
            ("tx_count", "transaction_count"),
            minimum=0.0,
        ),
        Column(
            "coin_price",
            Kind.NUMBER,
            Role.OUTCOME,
            "price of the coin",
            "USD",
            ("ether_price_usd", "eth_price", "price_usd"),
            minimum=0.0,
        ),
    ),
    targets=(
        Target(
            "gas_price",
            ("gas_price",),
            Answer.AMOUNT,
            "average gas price of one day",
            "wei or gwei, as in the data",
        ),
    ),
    features=(
        *series_features(),
        *(
            feature
            for column in ("gas_used", "transactions", "coin_price")
            for feature in (
                *history(Op.LAG, column, 1, log=True),
                *history(Op.EWM, column, 7, 60, log=True),
            )
        ),
    ),
    baselines=series_baselines(),
    metric="rmsle",
    portfolio=series_portfolio("log_@target_lag_1"),
    split=SERIES_SPLIT,
    output=forecast_output("gas price", "wei or gwei, as in the data"),
    minimum_history=180,
    below_minimum="the pooled model answers",
    limits=(
        "Daily averages hide the spikes within a day; prices of one day are averaged.",
        "Protocol changes break the past: the last value is often the best forecast.",
    ),
)
