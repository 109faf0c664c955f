"""What a business, or each of its stores, will take in on each of the coming days."""

from tracer_ray.blueprint import (
    Answer,
    Blueprint,
    Column,
    Kind,
    Role,
    Target,
    names,
    with_layouts,
)
from tracer_ray.features import TARGET, Op, code, history, value
from tracer_ray.series_forecast import (
    SERIES_SPLIT,
    forecast_output,
    open_periods,
    portfolio_of,
    series_baselines,
    series_features,
)
from tracer_ray.series_horizon import Horizon, horizon_variants

_COLUMNS = (
    Column(
        "entity",
        Kind.CATEGORY,
        Role.ENTITY,
        "store, branch or product line; absent for one series",
        aliases=names(
            "store store_id shop shop_id branch location region outlet site property "
            "hotel product_line channel"
        ),
    ),
    Column(
        "date",
        Kind.TIME,
        Role.TIME,
        "the day",
        aliases=names(
            "day ds order_date sales_date business_date invoice_date transaction_date "
            "week month order_datetime order_time created_at transaction_time "
            "transaction_timestamp posting_date purchase_date bill_date billing_date "
            "sale_date period month_end"
        ),
        required=True,
    ),
    Column(
        "revenue",
        Kind.NUMBER,
        Role.OUTCOME,
        "what the day (week, month) brought in",
        "money",
        names(
            "sales turnover amount income daily_sales total_sales weekly_sales "
            "total_revenue daily_revenue net_revenue total total_price total_amount "
            "sales_amount gross_sales net_sales grand_total mrr gmv net_amount "
            "line_total sales_usd revenue_usd order_total order_value invoice_amount "
            "invoice_total takings net_sales_amount sales_value sale_amount "
            "gross_revenue gross_amount bill_amount daily_turnover room_revenue "
            "payment_value amount_paid total_paid ca_ht ca_ttc ca y"
        ),
        required=True,
    ),
    Column(
        "customer_count",
        Kind.NUMBER,
        Role.OUTCOME,
        "customers of the day, known after it",
        "count",
        ("customers", "visitors", "footfall"),
    ),
    Column(
        "promotion",
        Kind.FLAG,
        Role.KNOWN,
        "whether a planned promotion runs that day",
        aliases=("promo", "on_promotion", "onpromotion", "campaign"),
    ),
    Column(
        "holiday",
        Kind.CATEGORY,
        Role.KNOWN,
        "which public holiday the day is",
        aliases=("state_holiday", "public_holiday", "is_holiday"),
    ),
    Column("school_holiday", Kind.FLAG, Role.KNOWN, "whether schools are closed"),
)


def _forecast(ahead: Horizon) -> Blueprint:
    period = ahead.period
    return Blueprint(
        id="revenue_forecast",
        name="Revenue forecast",
        category="business",
        use_case="Plan cash, staff and stock from what each of the coming days will bring in.",
        who="the business, or each store, branch or product line",
        when=f"at the end of a {period}, knowing all {period}s before the forecast",
        what=f"revenue of each of the coming {period}s, and of many together",
        horizon=str(ahead),
        adds_up=True,
        horizon_steps=ahead.steps,
        period=period,
        columns=_COLUMNS,
        targets=(
            Target(
                "revenue",
                ("revenue",),
                Answer.AMOUNT,
                f"revenue of one {period}",
                "money",
                ("sales",),
            ),
        ),
        features=(
            *series_features(("promotion",), period),
            value("promotion"),
            code("holiday"),
            value("school_holiday"),
            *history(Op.EXPANDING_MEAN, TARGET, within=("school_holiday",), log=True),
            *history(Op.EWM, "customer_count", 28, log=True),
        ),
        baselines=series_baselines("promotion", period),
        metric="rmsle",
        portfolio=portfolio_of(period),
        split=SERIES_SPLIT,
        output=forecast_output("revenue", "money", *ahead.sums(30), period=period),
        open_days=open_periods(period),
        minimum_history=ahead.enough(180),
        below_minimum="the pooled model answers",
        limits=(
            f"Rows of one {period} (UTC) are added up, refunds with them; it comes to at least 0.",
            f"A {period} without a row is taken for a closed one.",
            f"Promotions and holidays of the coming {period}s count only where they are given.",
        ),
    )


REVENUE_FORECAST_VARIANTS = with_layouts(horizon_variants(_forecast, (90, 30, 60)), "store")
REVENUE_FORECAST = REVENUE_FORECAST_VARIANTS.default
