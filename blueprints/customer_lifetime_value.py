"""What a customer will spend from now on."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    Leak,
    OutputField,
    Role,
    Source,
    Target,
    names,
)
from tracer_ray.tabular import TABULAR, as_they_are, category, moment, number, row_id

_COLUMNS = (
    row_id("customer_id", "identifies the customer", "client_id", "user_id", "custid", "id"),
    moment("as_of", "date of the snapshot", "snapshot_date", "as_of_date"),
    Column(
        "future_value",
        Kind.NUMBER,
        Role.OUTCOME,
        "spent in the window after the snapshot",
        "money",
        names(
            "future_spend clv cltv ltv lifetime_value future_revenue "
            "next_period_spend customer_lifetime_value yearly_amount_spent "
            "amount_spent annual_spend total_amount_spent ltv_90d ltv_180d ltv_365d "
            "ltv_12m clv_12m cltv_12m ltv_usd clv_usd lifetime_revenue revenue_12m "
            "revenue_365d revenue_next_12m revenue_next_90d next_12m_revenue "
            "next_year_spend spend_next_12m spend_next_90d future_sales "
            "sales_this_mon next_month_sales"
        ),
        required=True,
    ),
    number("orders", "orders so far", "orders", "frequency", "order_count", minimum=0.0),
    number("spend", "spent so far", "money", "monetary", "total_spend", "revenue", minimum=0.0),
    number("average_order", "mean value of an order", "money", "aov", minimum=0.0),
    number(
        "recency_days", "days since the last order", "days", "recency", "days_since", minimum=0.0
    ),
    number("tenure_days", "days since the first order", "days", "age_days", "tenure", minimum=0.0),
    number("recent_spend", "spent in the last 90 days", "money", "spend_90d", minimum=0.0),
    category("country", "country", "region"),
    category("channel", "where the customer came from", "acquisition_channel", "source"),
    category("segment_name", "segment", "customer_segment", "tier"),
)

CUSTOMER_LIFETIME_VALUE = Blueprint(
    id="customer_lifetime_value",
    name="Customer lifetime value",
    category="retail",
    use_case="Spend on customers what they will be worth, not what they were.",
    who="one customer",
    when="at the snapshot, knowing all earlier orders",
    what="what the customer spends in the window after it",
    horizon="the window that the outcome column sums over",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("last_order_date", "churned", "future_orders", "next_order_date"),
            "it may have seen orders after the snapshot",
        ),
    ),
    targets=(
        Target(
            "future_value",
            ("future_value",),
            Answer.NUMBER,
            "spent in the window after the snapshot",
            "money",
        ),
    ),
    features=as_they_are(_COLUMNS),
    baselines=(
        Baseline("as in the last 90 days", "recent_spend"),
        Baseline("one average order", "average_order"),
        Baseline("median customer"),
    ),
    metric="rmse",
    portfolio=TABULAR,
    output=(
        OutputField("predicted_value", Source.VALUE, "expected spending", "money"),
        OutputField("interval", Source.INTERVAL, "80 % interval of the spending", "money"),
        OutputField("over_probability", Source.OVER, "probability of spending more than a line"),
        OutputField("baseline", Source.BASELINE, "what the naive forecast says", "money"),
    ),
    limits=(
        "Most customers of a shop buy nothing more, so the interval is often too narrow: see its "
        "measured coverage.",
        "A few customers make most of the value; the mean error says little of them.",
        "A window that is not over yet has no outcome: take the snapshot early enough.",
    ),
    signs=names(
        "customer user clv cltv lifetime spend spent order purchase sales revenue recency monetary "
        "visit policy"
    ),
)
