"""Which ordered items will be sent back."""

from tracer_ray.blueprint import Answer, Baseline, Blueprint, Leak, Target, Wording
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

_COLUMNS = (
    row_id("order_item_id", "identifies the ordered item", "order_line_id", "line_id"),
    moment("ordered_at", "when it was ordered", "order_date", "invoice_date", "purchase_date"),
    outcome(
        "returned",
        "whether it was sent back",
        "is_returned",
        "return",
        "is_return",
        "return_flag",
        "returned_flag",
        "return_status",
        "is_canceled",
        "is_cancelled",
        "booking_canceled",
        wordings=(Wording(("kept", "is_kept", "not_returned")),),
    ),
    number(
        "customer_return_rate",
        "share of the customer's earlier items that came back",
        "share",
        "past_return_rate",
        minimum=0.0,
        maximum=1.0,
    ),
    number("price", "price paid", "money", "unit_price", "item_price", minimum=0.0),
    number("discount", "discount given", "share", "discount_rate", minimum=0.0, maximum=1.0),
    number("quantity", "pieces ordered", "pieces", "qty", minimum=0.0),
    number("sizes_ordered", "sizes of the same item in the order", "sizes", minimum=0.0),
    number("delivery_days", "days that the delivery should take", "days", minimum=0.0),
    category("category", "kind of product", "product_category", "department"),
    category("size", "size", "item_size"),
    category("payment_method", "how it is paid", "payment_type"),
    category("country", "country", "region"),
    flag("is_gift", "whether it is a gift", "gift"),
)

RETURN_LIKELIHOOD = Blueprint(
    id="return_likelihood",
    name="Return likelihood",
    category="retail",
    use_case="Ask about the size, or offer no free return, before an item is sent that comes back.",
    who="one ordered item",
    when="at the order, knowing the customer's earlier orders",
    what="whether the item is sent back",
    horizon="the time that the shop allows for returns",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("return_date", "return_reason", "refund", "refund_amount", "restocked"),
            "it is filled in when the item comes back",
        ),
    ),
    targets=(
        Target(
            "returned",
            ("returned",),
            Answer.PROBABILITY,
            "the item is sent back",
            decision=Decision(
                "comes back", "is kept", miss_cost=2.0, false_alarm_cost=1.0, stake=Stake.LOSES_SALE
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("price", "quantity")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("return", "the item is sent back"),
    limits=(
        "Measured on synthetic orders with a known truth only; no data set was at hand whose "
        "returns belong to an order.",
        "Items whose time for a return has not passed have no outcome yet; leave it empty.",
    ),
)
