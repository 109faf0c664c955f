"""Which liquidity pools will pay the most over the coming days."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    OutputField,
    Over,
    Portfolio,
    Role,
    Source,
    Span,
    SplitPlan,
    Target,
    candidate,
    names,
)
from tracer_ray.features import Op, code, history, value

YIELD_OPTIMIZATION = Blueprint(
    id="yield_optimization",
    name="Yield optimization",
    category="markets",
    use_case="Put idle funds where the yield of the coming week, not of yesterday, is highest.",
    who="one pool or vault",
    when="at the start of a day, knowing all days before it",
    what="its average annual yield over the day and the six that follow",
    horizon="seven rows of daily data",
    columns=(
        Column(
            "pool",
            Kind.CATEGORY,
            Role.ENTITY,
            "the pool",
            aliases=names(
                "pool_id vault market pair reserve reserve_symbol vault_name vault_id "
                "strategy pool_name pool_address vault_address symbol token"
            ),
            required=True,
        ),
        Column(
            "date", Kind.TIME, Role.TIME, "the day", aliases=("day", "timestamp"), required=True
        ),
        Column(
            "apy",
            Kind.NUMBER,
            Role.OUTCOME,
            "annual yield on that day",
            "percent",
            names(
                "apr yield supply_apy net_apy annual_yield total_apy supply_apr "
                "deposit_apy deposit_apr deposit_rate supply_rate lending_rate "
                "liquidity_rate liquidity_rate_avg lp_apr lp_apy staking_apr staking_apy "
                "farm_apr net_apr apy_base apy_pct"
            ),
            required=True,
            minimum=0.0,
        ),
        Column(
            "tvl",
            Kind.NUMBER,
            Role.OUTCOME,
            "what is locked in it",
            "money",
            ("tvl_usd", "total_value_locked", "liquidity"),
            minimum=0.0,
        ),
        Column(
            "volume",
            Kind.NUMBER,
            Role.OUTCOME,
            "what was traded in it that day",
            "money",
            ("volume_usd", "daily_volume", "volume_usd_1d"),
            minimum=0.0,
        ),
        Column("chain", Kind.CATEGORY, Role.KNOWN, "where it lives", aliases=("network",)),
        Column(
            "protocol", Kind.CATEGORY, Role.KNOWN, "who runs it", aliases=("project", "platform")
        ),
        Column("stablecoin", Kind.FLAG, Role.KNOWN, "whether it holds only stablecoins"),
    ),
    targets=(
        Target(
            "average_yield",
            ("apy",),
            Answer.AMOUNT,
            "average annual yield over seven rows",
            "percent",
            span=Span(7, Over.MEAN),
        ),
    ),
    features=(
        code("chain"),
        code("protocol"),
        value("stablecoin"),
        *history(Op.LAG, "apy", 1, 2, 7, log=True),
        *history(Op.MEAN, "apy", 7, 30, 90, log=True),
        *history(Op.MEDIAN, "apy", 7, log=True),
        *history(Op.EWM, "apy", 3, 14, log=True),
        *history(Op.STD, "apy", 7, 30, log=True),
        *history(Op.SLOPE, "apy", 7, 30, log=True),
        *history(Op.EXPANDING_MEAN, "apy", log=True),
        *history(Op.EWM, "tvl", 7, log=True),
        *history(Op.MOMENTUM, "tvl", 7, log=True),
        *history(Op.MOMENTUM, "volume", 7, log=True),
        *history(Op.EWM, "apy", 3, by="protocol", per_row=True, log=True),
    ),
    baselines=(
        Baseline("average of the last 7 rows", "log_apy_mean_7"),
        Baseline("last value", "log_apy_lag_1"),
        Baseline("average of the last 30 rows", "log_apy_mean_30"),
    ),
    metric="rmsle",
    portfolio=Portfolio(
        pooled=(
            candidate("elastic_net", alpha=0.003, l1_ratio=0.5, start="log_apy_ewm_3"),
            candidate(
                "lightgbm",
                num_leaves=15,
                depth=5,
                min_data_in_leaf=100,
                learning_rate=0.03,
                rounds=300,
                subsample=0.7,
                colsample=0.4,
                l2=5.0,
                start="log_apy_ewm_3",
            ),
            candidate("elastic_net", alpha=0.03, l1_ratio=0.5, start="log_apy_mean_7"),
            candidate(
                "lightgbm",
                num_leaves=31,
                depth=7,
                min_data_in_leaf=50,
                learning_rate=0.04,
                rounds=400,
                subsample=0.7,
                colsample=0.4,
            ),
        ),
    ),
    split=SplitPlan(gap_days=7.0),
    output=(
        OutputField("expected_yield", Source.VALUE, "average annual yield: the median", "percent"),
        OutputField("interval", Source.INTERVAL, "80 % interval of the yield", "percent"),
        OutputField("score", Source.SCORE, "what pools of one day are ranked by", "percent"),
        OutputField("rank", Source.RANK, "1 is the highest score of the batch and day"),
        OutputField("ranked_among", Source.RANKED, "how many pools of that day were asked about"),
        OutputField("percentile", Source.PERCENTILE, "share of the others that it is above"),
        OutputField("baseline", Source.BASELINE, "the naive forecast of the yield", "percent"),
    ),
    minimum_history=90,
    limits=(
        "A yield is no return: impermanent loss, fees of moving funds and the risk of a contract "
        "are not looked at.",
        "Yields are in percent; shares (0.05 for 5 %) need to be multiplied first.",
        "Ranks are among the rows of one request's batch and day.",
    ),
)
