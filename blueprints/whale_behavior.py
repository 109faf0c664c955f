"""Which large wallets are about to move."""

from tracer_ray.blueprint import Answer, Baseline, Blueprint, Leak, Statuses, Target, Wording, names
from tracer_ray.decision import Decision
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
    row_id("wallet_id", "identifies the wallet", "wallet", "wallet_address", "address", "holder"),
    moment("as_of", "when the wallet is looked at", "block_time", "snapshot_time", "timestamp"),
    outcome(
        "moves",
        "whether a large part of the holding moved in the window after",
        *names(
            "moved sold is_sell transferred moved_7d moved_30d moved_within_7d "
            "sold_7d sold_within_7d sold_next_7d will_move will_sell dumped is_dump "
            "large_transfer moved_to_exchange sent_to_exchange deposited_to_exchange"
        ),
        statuses=Statuses(
            yes=(
                "sell sold moved transferred distribution distributing dumped deposited_to_exchange"
            ),
            no=("hold held holding accumulate accumulating accumulation buy bought dormant"),
        ),
        wordings=(
            Wording(("held", "hodl")),
            Wording(("share_moved", "share_sold", "outflow_share"), above=0.1),
        ),
    ),
    number("dormant_days", "days since the last outflow", "days", "days_inactive", minimum=0.0),
    number("exchange_inflows_30d", "deposits at exchanges", "deposits", minimum=0.0),
    number("price_change_30d", "price against 30 days ago", "share", "return_30d"),
    number("unrealised_gain", "price against the price paid", "share", "mvrv", "profit_ratio"),
    number("balance_usd", "value of the holding", "USD", "balance", "holding_usd", minimum=0.0),
    number("transactions_30d", "transactions", "transactions", "tx_count", minimum=0.0),
    number("wallet_age_days", "days since the first transaction", "days", minimum=0.0),
    number(
        "supply_share",
        "share of all coins",
        "share",
        "ownership_share",
        minimum=0.0,
        maximum=1.0,
    ),
    category("asset", "what is held", "token", "coin", "symbol"),
    category("wallet_type", "kind of holder", "entity_type", "label_type"),
    flag("is_exchange", "whether an exchange owns the wallet", "exchange"),
)

WHALE_BEHAVIOR = Blueprint(
    id="whale_behavior",
    name="Whale behaviour",
    category="crypto",
    use_case="Know of a large sale before it meets the market.",
    who="one large wallet",
    when="at the snapshot, knowing all earlier transactions",
    what="whether more than a tenth of the holding moves in the window after it",
    horizon="the window that the outcome column describes (7 days in most data)",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("next_transaction", "amount_moved", "sale_price", "destination_wallet"),
            "it exists only once the holding has moved",
        ),
    ),
    targets=(
        Target(
            "moves",
            ("moves",),
            Answer.PROBABILITY,
            "a large part of the holding moves",
            decision=Decision("moves", "holds", miss_cost=4.0, false_alarm_cost=1.0),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("balance_usd", "transactions_30d", "dormant_days")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("move", "a large part of the holding moves"),
    limits=(
        "Measured on synthetic wallets with a known truth only; no real data set was at hand.",
        "An owner with many wallets looks like many owners.",
        "A move between two wallets of one owner looks like a sale.",
    ),
)
