"""How much of each product will be asked for on each of the coming days."""

from tracer_ray.blueprint import (
    Alias,
    Answer,
    Blueprint,
    Column,
    Kind,
    Role,
    Target,
    names,
    with_layouts,
)
from tracer_ray.features import TARGET, Op, code, history, log_value, value
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
        "product",
        Kind.CATEGORY,
        Role.ENTITY,
        "product, or product and store; absent for one series",
        aliases=names(
            "product_id item item_id sku upc article series_id product_name "
            "product_code product_sku item_name item_code item_number item_nbr sku_id "
            "sku_code stock_code material material_number article_number ean "
            "part_number part_no variant_id"
        ),
    ),
    Column(
        "date",
        Kind.TIME,
        Role.TIME,
        "the day (or the first day of the week)",
        aliases=names("day ds week_start order_date sales_date visit_date week month"),
        required=True,
    ),
    Column(
        "units",
        Kind.NUMBER,
        Role.OUTCOME,
        "units sold or asked for",
        "units",
        names(
            "units_sold quantity quantity_sold demand qty sales_units unit_sales "
            "sales cnt item_cnt item_cnt_day rentals rented_bike_count total_rentals "
            "bookings orders num_orders order_demand num_sold number_sold items_sold "
            "sales_volume passengers riders ridership trips rides traffic_volume "
            "consumption units_ordered units_shipped quantity_ordered "
            "ordered_quantity order_quantity order_qty qty_ordered qty_sold sales_qty "
            "total_units unit_volume pieces shipments sell_out daily_demand "
            "weekly_demand usage total_volume cases_sold tons litres_sold liters_sold "
            "total_rides number_of_trips num_trips pickups arrivals visitors footfall"
        ),
        required=True,
    ),
    Column(
        "price",
        Kind.NUMBER,
        Role.KNOWN,
        "the planned price",
        "money",
        ("unit_price", "shelf_price", "sell_price", "item_price"),
        minimum=0.0,
    ),
    Column(
        "promotion",
        Kind.FLAG,
        Role.KNOWN,
        "whether a planned promotion runs",
        aliases=("promo", "on_promotion", "onpromotion", "feature"),
    ),
    Column(
        "holiday",
        Kind.CATEGORY,
        Role.KNOWN,
        "which public holiday the day is",
        aliases=("public_holiday", "state_holiday", "is_holiday"),
    ),
    Column("store", Kind.CATEGORY, Role.KNOWN, "where it is sold", aliases=("store_id", "shop")),
    Column(
        "product_group",
        Kind.CATEGORY,
        Role.KNOWN,
        "what it belongs to",
        aliases=("product_category", "department", "family"),
    ),
)


def _forecast(ahead: Horizon) -> Blueprint:
    period = ahead.period
    return Blueprint(
        id="product_demand",
        name="Product demand",
        category="retail",
        use_case="Order and stock what will be sold, product by product.",
        who="one product, or one product in one store",
        when=f"at the end of a {period}, knowing all {period}s before the forecast",
        what=f"units sold in each of the coming {period}s, and over many together",
        horizon=str(ahead),
        adds_up=True,
        horizon_steps=ahead.steps,
        period=period,
        columns=_COLUMNS,
        targets=(Target("units", ("units",), Answer.AMOUNT, f"units of one {period}", "units"),),
        features=(
            *series_features(("promotion",), period),
            value("promotion"),
            code("holiday"),
            log_value("price"),
            code("store"),
            code("product_group"),
            *history(Op.EWM, "price", 20, log=True),
            *history(Op.EXPANDING_MEAN, "price", log=True),
            *history(Op.EWM, TARGET, 28, by="product_group", per_row=True, log=True),
        ),
        baselines=series_baselines("promotion", period),
        metric="rmsle",
        portfolio=portfolio_of(period),
        split=SERIES_SPLIT,
        output=forecast_output("units", "units", *ahead.sums(7), period=period),
        open_days=open_periods(period),
        minimum_history=ahead.enough(120),
        below_minimum="the pooled model answers",
        aliases=(
            Alias(
                "demand_forecast",
                "both ask how many units of each product are wanted on each of the coming days, "
                "from past quantities, prices and promotions: the same rows, models and answer",
            ),
        ),
        limits=(
            "Sales are not demand where a product was out of stock.",
            f"Rows of one {period} (UTC) are added up, refunds with them; it comes to at least 0.",
            f"A {period} without a row is taken for one in which it could not be bought.",
            "A new product has no past: the pooled model answers from its plans alone.",
        ),
    )


PRODUCT_DEMAND_VARIANTS = with_layouts(horizon_variants(_forecast, (28, 14, 56)), "product")
PRODUCT_DEMAND = PRODUCT_DEMAND_VARIANTS.default
