"""Which shop visits will end without a purchase."""

from tracer_ray.blueprint import Answer, Baseline, Blueprint, Leak, Statuses, Target, Wording, names
from tracer_ray.decision import Decision, Stake
from tracer_ray.tabular import (
    TABULAR,
    as_they_are,
    category,
    flag,
    moment,
    number,
    outcome,
    probability_fields,
    row_id,
)

_DURATIONS = ("administrative_duration", "informational_duration", "product_related_duration")

_COLUMNS = (
    row_id(
        "session_id",
        "identifies the visit",
        *names(
            "visit_id cart_id session checkout_id checkout_token cart_token quote_id "
            "basket_id user_session session_key"
        ),
    ),
    moment("session_time", "when the visit takes place", "session_date", "visit_time", "timestamp"),
    outcome(
        "abandoned",
        "whether the visit ended without a purchase",
        *names(
            "cart_abandoned is_abandoned abandonment cart_abandonment abandoned_cart "
            "basket_abandoned abandoned_checkout is_cart_abandoned cart_status"
        ),
        statuses=Statuses(
            yes=("abandoned not_recovered lost expired not_completed not_purchased no_purchase"),
            no=(
                "completed complete converted purchased recovered ordered paid bought "
                "purchase order_placed"
            ),
            open="open active pending in_progress",
        ),
        wordings=(
            Wording(
                names(
                    "purchased converted bought order_placed checkout_complete revenue "
                    "purchase is_purchase has_purchased has_purchase purchase_flag "
                    "is_purchased has_order has_ordered made_purchase ordered order "
                    "is_ordered completed is_completed checkout_completed order_completed "
                    "is_converted conversion transaction is_buyer recovered"
                )
            ),
            Wording(
                names("completed_at purchased_at ordered_at order_placed_at checkout_completed_at"),
                filled=False,
            ),
        ),
    ),
    category("month", "month of the visit", "session_month"),
    category("visitor_type", "new or returning", "customer_type", "returning"),
    category(
        "traffic_type",
        "where the visit came from",
        "channel",
        "traffic_source",
        "medium",
        "channel_group",
        "default_channel_group",
        "session_default_channel_group",
        "utm_medium",
    ),
    category("region", "region of the visitor", "country", "geo_country"),
    category("browser", "browser"),
    category(
        "operating_systems",
        "operating system",
        "os",
        "device",
        "platform",
        "device_category",
        "device_type",
    ),
    flag("weekend", "whether it is a weekend", "is_weekend"),
    number("administrative", "account pages seen", "pages"),
    number("administrative_duration", "time on account pages", "seconds"),
    number("informational", "information pages seen", "pages"),
    number("informational_duration", "time on information pages", "seconds"),
    number(
        "product_related",
        "product pages seen",
        "pages",
        "product_views",
        "products_viewed",
        "view_item_events",
        "page_views",
    ),
    number("product_related_duration", "time on product pages", "seconds", "time_on_site"),
    number("bounce_rates", "mean bounce rate of the pages seen", "share", "bounce_rate"),
    number("exit_rates", "mean exit rate of the pages seen", "share", "exit_rate"),
    number("page_values", "mean page value that the shop's analytics give", "money", "page_value"),
    number("special_day", "closeness to a special day", "share"),
    number(
        "cart_value",
        "value of the cart",
        "money",
        "basket_value",
        "cart_total",
        "subtotal",
        "grand_total",
    ),
    number(
        "cart_items",
        "items in the cart",
        "items",
        "items_in_cart",
        "basket_size",
        "items_count",
        "item_count",
        "items_qty",
        "line_items",
    ),
)

CART_ABANDONMENT = Blueprint(
    id="cart_abandonment",
    name="Cart abandonment",
    category="retail",
    use_case="Help or remind a visitor who is about to leave without buying.",
    who="one visit",
    when="during the visit, knowing the pages seen so far",
    what="whether the visit ends without a purchase",
    horizon="the end of the visit",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("order_id", "order_value", "order_total", "payment_method", "thank_you_page"),
            "it exists only once the visitor has bought",
        ),
    ),
    targets=(
        Target(
            "abandoned",
            ("abandoned",),
            Answer.PROBABILITY,
            "the visit ends without a purchase",
            decision=Decision(
                "abandons", "buys", miss_cost=1.0, false_alarm_cost=3.0, stake=Stake.LOSES_SALE
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=(*_DURATIONS, "product_related", "page_values")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("abandonment", "the visit ends without a purchase"),
    limits=(
        "page_values is computed by analytics from completed purchases, and in a log of finished "
        "visits it has seen the outcome. A live shop knows it only for the pages seen so far; "
        "leave the column out to see what remains without it.",
        "Counts over finished visits are larger than those at the moment of the prediction: train "
        "on visits as they stood when you would have asked.",
    ),
)
