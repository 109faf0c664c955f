"""What a business, or each of its stores, will take in on each of the coming days."""

from tracer_ray.blueprint import (
    Answer,
    Blueprint,
    Column,
    Kind,
    OutputField,
    Role,
    Target,
    with_layouts,
)
from tracer_ray.daily_series import (
    OPEN_WEEKDAYS,
    SERIES_SPLIT,
    forecast_output,
    horizon_variants,
    series_baselines,
    series_features,
    series_portfolio,
)
from tracer_ray.features import TARGET, Op, code, history, value


def _output(days: int) -> tuple[OutputField, ...]:
    return forecast_output("revenue", "money", *sorted({30, days}))


_BASE = Blueprint(
    id="revenue_forecast",
    name="Revenue forecast",
    category="business",
    use_case="Plan cash, staff and stock from what each of the coming days will bring in.",
    who="the business, or each store, branch or product line",
    when="at the end of a day, knowing all days before the forecast",
    what="revenue of each of the coming days, and of many together",
    horizon="1 to 90 days ahead",
    sums_days=True,
    horizon_days=90,
    columns=(
        Column(
            "entity",
            Kind.CATEGORY,
            Role.ENTITY,
            "store, branch or product line; absent for one series",
            aliases=("store", "store_id", "shop", "shop_id", "branch", "location", "region"),
        ),
        Column(
            "date",
            Kind.TIME,
            Role.TIME,
            "the day",
            aliases=(
                *("day", "ds", "order_date", "sales_date", "business_date", "invoice_date"),
                *("transaction_date", "week", "month"),
            ),
            required=True,
        ),
        Column(
            "revenue",
            Kind.NUMBER,
            Role.OUTCOME,
            "what the day brought in",
            "money",
            (
                "sales",
                "turnover",
                "amount",
                "income",
                "daily_sales",
                "total_sales",
                "weekly_sales",
                "total_revenue",
                "daily_revenue",
                "net_revenue",
                "total",
                "total_price",
                "total_amount",
                "sales_amount",
                "gross_sales",
                "net_sales",
                "grand_total",
                "y",
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
    ),
    targets=(
        Target("revenue", ("revenue",), Answer.AMOUNT, "revenue of one day", "money", ("sales",)),
    ),
    features=(
        *series_features(("promotion",)),
        value("promotion"),
        code("holiday"),
        value("school_holiday"),
        *history(Op.EXPANDING_MEAN, TARGET, within=("school_holiday",), log=True),
        *history(Op.EWM, "customer_count", 28, log=True),
    ),
    baselines=series_baselines("promotion"),
    metric="rmsle",
    portfolio=series_portfolio(),
    split=SERIES_SPLIT,
    output=_output(90),
    open_days=OPEN_WEEKDAYS,
    minimum_history=180,
    below_minimum="the pooled model answers",
    limits=(
        "Rows of one day (UTC) are added up, refunds with them; a day comes to at least 0.",
        "Days without a row are taken for closed days.",
        "Promotions and holidays of the coming days count only where they are given.",
    ),
)

REVENUE_FORECAST_VARIANTS = with_layouts(horizon_variants(_BASE, (90, 30, 60), _output), "store")
REVENUE_FORECAST = REVENUE_FORECAST_VARIANTS.default
