"""How the quantity sold of each product reacts to its price."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Exclusion,
    Kind,
    OutputField,
    Portfolio,
    Response,
    Role,
    Source,
    Target,
    candidate,
    names,
)
from tracer_ray.features import TARGET, Feature, Op, calendar, code, history, log_value, value

_STORE = ("store",)
_OFFER = ("store", "promotion")

PRICE_ELASTICITY = Blueprint(
    id="price_elasticity",
    name="Price elasticity",
    category="retail",
    use_case="Know which products lose sales when they become dearer, and how surely you know it.",
    who="one product, in one store where the data tell stores apart",
    when="before a day or week, knowing its price and promotion and all earlier sales",
    what="units sold at a price, and by how many percent they change with each percent of it",
    horizon="the product's next row: a day, a week",
    columns=(
        Column(
            "product_id",
            Kind.CATEGORY,
            Role.ENTITY,
            "identifies the product",
            aliases=names(
                "product sku upc item_id item product_code brand meal_id product_sku "
                "sku_id sku_code stock_code item_code item_number item_nbr variant_id "
                "material article_number ean asin part_number libelle designation"
            ),
            required=True,
        ),
        Column(
            "product_name", Kind.CATEGORY, Role.LABEL, "name of the product", aliases=("item_name",)
        ),
        Column(
            "date",
            Kind.TIME,
            Role.TIME,
            "the day, or the first day of the week",
            aliases=names(
                "week_start day ds sales_date order_date week week_ending week_start_date "
                "month transaction_date invoice_date price_date"
            ),
        ),
        Column(
            "store",
            Kind.CATEGORY,
            Role.SEGMENT,
            "where it was sold",
            aliases=names("store_id shop branch outlet location region city market"),
        ),
        Column(
            "price",
            Kind.NUMBER,
            Role.KNOWN,
            "price of one unit; the newest known one where absent",
            "money",
            names(
                "unit_price sell_price selling_price average_price avg_price "
                "checkout_price sale_price retail_price list_price shelf_price "
                "price_per_unit net_price avg_unit_price avg_selling_price asp "
                "current_price actual_price price_usd room_rate offered_price pvp pv_ttc "
                "prix_de_vente precio_venta preco_venda prezzo_vendita verkaufspreis vk_preis vkp"
            ),
            required=True,
            minimum=0.0,
        ),
        Column(
            "quantity_sold",
            Kind.NUMBER,
            Role.OUTCOME,
            "units sold",
            "units",
            names(
                "units_sold quantity qty units volume sales_quantity num_orders qty_sold "
                "units_ordered sales_units sales_qty quantity_ordered ordered_quantity "
                "order_quantity demand unit_sales total_volume volume_sold units_shipped "
                "total_units orders rooms_sold tickets_sold bookings movement"
            ),
            required=True,
            minimum=0.0,
        ),
        Column(
            "promotion",
            Kind.FLAG,
            Role.KNOWN,
            "whether it is advertised or on offer",
            aliases=("promo", "featured", "feature", "on_promotion", "deal", "campaign"),
        ),
        Column(
            "cost",
            Kind.NUMBER,
            Role.KNOWN,
            "cost of one unit",
            "money",
            ("unit_cost", "cogs", "cost_price", "purchase_price"),
            minimum=0.0,
        ),
    ),
    exclusions=(Exclusion("price", 0.0, "no price above 0"),),
    targets=(Target("quantity_sold", ("quantity_sold",), Answer.AMOUNT, "units sold", "units"),),
    features=(
        log_value("price"),
        value("promotion"),
        code("store"),
        *(calendar(part) for part in ("day_of_week", "month", "day_of_year")),
        *history(Op.MEAN, TARGET, 8, 28),
        *history(Op.EWM, TARGET, 8, 26),
        *history(Op.MEAN, TARGET, 4, 8, 28, within=_STORE),
        *history(Op.EWM, TARGET, 4, 13, within=_STORE),
        *history(Op.EWM, TARGET, 8, within=_OFFER),
        *history(Op.MEAN, "price", 8, 28),
        *history(Op.MEAN, "price", 8, 28, within=_STORE),
        Feature("rest_days", Op.REST_DAYS, unit="days"),
    ),
    baselines=(
        Baseline("average of the last 28 rows, whatever the price", f"{TARGET}_mean_28"),
        Baseline(
            "average of the last 8 rows of the store, whatever the price",
            f"{TARGET}_mean_8_same_store",
        ),
    ),
    response=Response(
        "quantity_sold", "price", cost="cost", controls=("promotion",), within="store"
    ),
    metric="rmsle",
    portfolio=Portfolio(
        pooled=(
            candidate(
                "lightgbm",
                num_leaves=31,
                min_data_in_leaf=50,
                learning_rate=0.05,
                rounds=400,
                subsample=0.7,
                colsample=0.6,
                depth=8,
            ),
            candidate("elastic_net", alpha=0.003, l1_ratio=0.1),
            candidate("elastic_net", alpha=0.03, l1_ratio=0.5),
        ),
    ),
    output=(
        OutputField(
            "elasticity_coefficient",
            Source.ELASTICITY,
            "percent by which the quantity changes when the price rises by one percent",
        ),
        OutputField("standard_error", Source.ELASTICITY_ERROR, "standard error of the elasticity"),
        OutputField(
            "elasticity_interval",
            Source.ELASTICITY_INTERVAL,
            "90 % interval of the elasticity; its coverage is tested on simulated data",
        ),
        OutputField(
            "elasticity_level",
            Source.ELASTICITY_LEVEL,
            "whose rows tell it: entity, blend with other products, pooled, or refused",
        ),
        OutputField("elasticity_reason", Source.ELASTICITY_REASON, "why this level answers"),
        OutputField(
            "current_price", Source.CURRENT_PRICE, "the price that changes start from", "money"
        ),
        OutputField(
            "predicted_quantity", Source.VALUE, "units expected at that price: the median", "units"
        ),
        OutputField("interval", Source.INTERVAL, "80 % interval of these units", "units"),
        OutputField(
            "optimal_price",
            Source.BEST_PRICE,
            "the price of highest expected revenue, or profit with a cost, in the observed range",
            "money",
        ),
        OutputField(
            "optimal_price_reason",
            Source.BEST_PRICE_REASON,
            "what is highest there, and whether it is an end of the range",
        ),
        OutputField(
            "revenue_impact",
            Source.REVENUE_IMPACT,
            "what moving to the optimal price changes of a row's revenue: share, amount, 90 % "
            "intervals",
        ),
        OutputField("volume_impact", Source.VOLUME_IMPACT, "the same of the units sold"),
        OutputField(
            "response_curve",
            Source.RESPONSE_CURVE,
            "ten prices of the observed range: quantity, revenue, 90 % interval of the quantity",
        ),
        OutputField("refusal", Source.REFUSAL, "why no price is recommended, if none is"),
    ),
    minimum_history=60,
    below_minimum="the pooled model answers",
    limits=(
        "Prices were set by somebody for a reason: where that reason moved sales as well (a "
        "holiday, a rival), the elasticity holds its effect too. Only an experiment shows cause.",
        "One elasticity per product: the same at all prices, without what buyers stock up before "
        "or take from other products.",
        "Without a cost the best price maximises revenue, and is always an end of the range.",
        "Impacts have the interval of the elasticity; that of the day's sales comes on top.",
        "Rows that sold nothing are left out of the regression; above a fifth of them it refuses.",
    ),
)
