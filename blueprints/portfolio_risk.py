"""How much a portfolio, or an asset in it, may lose by tomorrow."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    OutputField,
    Portfolio,
    Role,
    Source,
    Span,
    Target,
    Variants,
    candidate,
    names,
    with_layouts,
)
from tracer_ray.features import Op, history

_BASE = Blueprint(
    id="portfolio_risk",
    name="Portfolio risk",
    category="finance and risk",
    use_case="Hold enough against losses, and notice when markets become rougher.",
    who="a portfolio, a fund, or one asset",
    when="at the end of a day, knowing its value up to that day",
    what="the volatility of the next day's return, what may be lost at most, and beyond that",
    horizon="the next row: one trading day",
    columns=(
        Column(
            "portfolio",
            Kind.CATEGORY,
            Role.ENTITY,
            "the portfolio or asset; needs no column where there is only one",
            aliases=("fund", "account", "ticker", "symbol", "asset", "coin"),
        ),
        Column(
            "date", Kind.TIME, Role.TIME, "the day", aliases=("day", "timestamp"), required=True
        ),
        Column(
            "value",
            Kind.NUMBER,
            Role.OUTCOME,
            "what it is worth at the end of the day, without deposits and withdrawals; taken as "
            "the logarithm of its change since the row before",
            "money",
            names(
                "nav net_asset_value nav_per_share account_value total_value market_value "
                "total_equity net_liquidation net_liquidation_value ending_value "
                "index_value portfolio_value adj_close close price"
            ),
            required=True,
            minimum=0.0,
            is_change=True,
        ),
    ),
    targets=(
        Target(
            "next_return",
            ("value",),
            Answer.NUMBER,
            "logarithm of the value after the row over the value before it",
            aliases=("return",),
            span=Span(1),
            spread=("value_std_5", "value_std_21", "value_std_63", "value_std_252"),
        ),
    ),
    features=(
        *history(Op.LAG, "value", 1),
        *history(Op.MEAN, "value", 5, 21, 252),
        *history(Op.STD, "value", 5, 21, 63, 252),
        *history(Op.MIN, "value", 21),
    ),
    baselines=(Baseline("historical simulation"),),
    metric="crps",
    portfolio=Portfolio(
        pooled=(
            candidate("elastic_net", alpha=1.0, l1_ratio=0.5),
            candidate("elastic_net", alpha=0.01, l1_ratio=0.1),
        ),
    ),
    output=(
        OutputField("volatility", Source.VOLATILITY, "standard deviation of the return"),
        OutputField(
            "value_at_risk_95",
            Source.VALUE_AT_RISK,
            "share of the value that is lost at most on 95 of 100 days",
            share=0.95,
        ),
        OutputField(
            "expected_shortfall_95",
            Source.EXPECTED_SHORTFALL,
            "share that is lost on average on the other 5",
            share=0.95,
        ),
        OutputField(
            "value_at_risk_99", Source.VALUE_AT_RISK, "the same on 99 of 100 days", share=0.99
        ),
        OutputField(
            "expected_shortfall_99", Source.EXPECTED_SHORTFALL, "and on the last one", share=0.99
        ),
        OutputField("expected_return", Source.VALUE, "the return, as a logarithm"),
        OutputField("interval", Source.INTERVAL, "80 % interval of the return"),
    ),
    minimum_history=260,
    limits=(
        "Losses are of one row; over several days they are no simple multiple.",
        "What was never seen in the calibration rows (a crash, a default) is beyond every figure.",
        "A portfolio's own value is needed: how its parts move together is not modelled.",
        "Deposits and withdrawals look like returns; take them out of the value first.",
    ),
)

PORTFOLIO_RISK_VARIANTS = with_layouts(Variants((), lambda _: _BASE), "asset")
PORTFOLIO_RISK = PORTFOLIO_RISK_VARIANTS.default
