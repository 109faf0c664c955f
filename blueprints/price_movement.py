"""Which of many assets will do better than the others over the coming days."""

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
    SplitPlan,
    Target,
    Variants,
    candidate,
    names,
    with_layouts,
)
from tracer_ray.features import Op, calendar, code, history

_BASE = Blueprint(
    id="price_movement",
    name="Price movement",
    category="markets",
    use_case="Rank assets by what they are expected to return, and know whether that can be told.",
    who="one asset: a share, a coin, a fund",
    when="before a day's trading, knowing all prices up to the day before",
    what="the return over the day and the four that follow, and how likely it is to be positive",
    horizon="five rows: a week of trading days, five days of a market that never closes",
    columns=(
        Column(
            "asset",
            Kind.CATEGORY,
            Role.ENTITY,
            "the asset; needs no column where there is only one",
            aliases=("ticker", "symbol", "coin", "instrument", "isin"),
        ),
        Column(
            "date", Kind.TIME, Role.TIME, "the day", aliases=("day", "timestamp"), required=True
        ),
        Column(
            "price",
            Kind.NUMBER,
            Role.OUTCOME,
            "price at the end of the day, best adjusted for splits and dividends; taken as the "
            "logarithm of its change since the row before",
            "money",
            names(
                "adj_close adjusted_close close close_price last_price closing_price "
                "settle settlement_price spot_price close_usd price_usd close_adj"
            ),
            required=True,
            minimum=0.0,
            is_change=True,
        ),
        Column(
            "volume",
            Kind.NUMBER,
            Role.OUTCOME,
            "what was traded that day",
            "",
            ("traded_volume", "turnover"),
            minimum=0.0,
        ),
        Column(
            "group",
            Kind.CATEGORY,
            Role.KNOWN,
            "what the asset is compared with",
            aliases=("sector", "industry", "asset_class"),
        ),
    ),
    targets=(
        Target(
            "forward_return",
            ("price",),
            Answer.NUMBER,
            "logarithm of the price after five rows over the price before them",
            aliases=("return",),
            span=Span(5),
            spread=("price_std_21", "price_std_63", "price_std_252"),
        ),
    ),
    features=(
        calendar("day_of_week"),
        calendar("month"),
        code("group"),
        *history(Op.LAG, "price", 1, 2),
        *history(Op.MEAN, "price", 5, 21, 63, 126, 252),
        *history(Op.EWM, "price", 3, 10),
        *history(Op.STD, "price", 21, 63, 252),
        *history(Op.MIN, "price", 21),
        *history(Op.MAX, "price", 21),
        *history(Op.MOMENTUM, "volume", 5, log=True),
        *history(Op.EWM, "price", 5, 20, by="group", per_row=True),
    ),
    baselines=(Baseline("the usual return"),),
    metric="rmse",
    portfolio=Portfolio(
        pooled=(
            candidate("elastic_net", alpha=0.001, l1_ratio=0.1),
            candidate(
                "lightgbm",
                num_leaves=7,
                depth=3,
                min_data_in_leaf=1000,
                learning_rate=0.02,
                rounds=200,
                subsample=0.5,
                colsample=0.3,
                l2=10.0,
            ),
            candidate("elastic_net", alpha=0.01, l1_ratio=0.1),
            candidate(
                "lightgbm",
                num_leaves=15,
                depth=4,
                min_data_in_leaf=500,
                learning_rate=0.03,
                rounds=200,
                subsample=0.5,
                colsample=0.3,
                l2=10.0,
            ),
        ),
    ),
    split=SplitPlan(gap_days=7.0),
    output=(
        OutputField("up_probability", Source.ABOVE_ZERO, "probability that the return is positive"),
        OutputField("expected_return", Source.VALUE, "the return, as a logarithm"),
        OutputField("interval", Source.INTERVAL, "80 % interval of the return"),
        OutputField("score", Source.SCORE, "what assets of one day are ranked by"),
        OutputField("rank", Source.RANK, "1 is the highest score of the batch and day"),
        OutputField("ranked_among", Source.RANKED, "how many assets of that day were asked about"),
        OutputField("percentile", Source.PERCENTILE, "share of the others that it is above"),
        OutputField("baseline", Source.BASELINE, "the usual return of all assets"),
    ),
    minimum_history=260,
    limits=(
        "Prices of liquid markets are nearly unpredictable: where the report finds no edge, all "
        "assets get the usual return and the same score, and only the interval tells something.",
        "Costs of trading are not taken off.",
        "Data of assets that still exist today show returns that nobody could have had "
        "(survivorship).",
        "Ranks are among the rows of one request's batch and day.",
    ),
)

PRICE_MOVEMENT_VARIANTS = with_layouts(Variants((), lambda _: _BASE), "asset")
PRICE_MOVEMENT = PRICE_MOVEMENT_VARIANTS.default
