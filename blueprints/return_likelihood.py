"""Which ordered items will be sent back."""

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

_COLUMNS = (
    row_id("order_item_id", "identifies the ordered item", "order_line_id", "line_id"),
    moment(
        "ordered_at",
        "when it was ordered",
        *names("order_date invoice_date purchase_date order_datetime placed_at created_at"),
    ),
    outcome(
        "returned",
        "whether it was sent back",
        *names(
            "is_returned return is_return return_flag returned_flag return_status "
            "is_canceled is_cancelled booking_canceled was_returned item_returned "
            "returned_yn is_refunded refunded refund_flag return_shipment is_rto rto "
            "return_indicator return_yn"
        ),
        statuses=Statuses(
            yes=(
                "returned refunded return partially_refunded partially_returned "
                "returned_to_seller shipped_returned_to_seller shipped_rejected_by_buyer "
                "rejected_by_buyer rto retourniert retourné"
            ),
            no=(
                "delivered complete completed fulfilled kept shipped delivered_to_buyer "
                "shipped_delivered_to_buyer not_returned closed"
            ),
            open=(
                "cancelled canceled processing pending created new in_transit "
                "shipped_returning_to_seller shipped_picked_up shipping"
            ),
        ),
        wordings=(
            Wording(("kept", "is_kept", "not_returned")),
            Wording(
                names(
                    "return_quantity returned_quantity quantity_returned returned_qty "
                    "qty_returned returned_units units_returned refunded_quantity "
                    "refunded_qty qty_refunded"
                ),
                above=0.0,
            ),
            Wording(
                names(
                    "returned_at returned_on returned_date date_returned return_created_at "
                    "refunded_at refund_date"
                ),
                filled=True,
            ),
        ),
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
