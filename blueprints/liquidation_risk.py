"""Which loans against crypto collateral will be liquidated."""

from tracer_ray.blueprint import Answer, Baseline, Blueprint, Leak, Statuses, Target, Wording, names
from tracer_ray.decision import Decision, Stake
from tracer_ray.tabular import (
    TABULAR,
    as_they_are,
    category,
    moment,
    number,
    outcome,
    probability_fields,
    row_id,
)

_COLUMNS = (
    row_id("position_id", "identifies the loan", "wallet", "wallet_address", "borrower", "address"),
    moment("as_of", "when the loan is looked at", "block_time", "snapshot_time", "timestamp"),
    outcome(
        "liquidated",
        "whether it was liquidated in the window after",
        *names(
            "is_liquidated liquidation was_liquidated is_liquidation liquidated_flag "
            "got_liquidated has_been_liquidated liquidated_7d liquidated_30d "
            "liquidated_within_7d margin_called forced_liquidation forced_liq_flg"
        ),
        statuses=Statuses(
            yes=(
                "liquidated liquidation force_closed forced_liquidation "
                "partially_liquidated margin_liquidation defaulted"
            ),
            no=(
                "repaid closed survived healthy safe matured redeemed closed_by_user not_liquidated"
            ),
            open="active open ongoing outstanding rolled_over refinanced",
        ),
        wordings=(
            Wording(("survived",)),
            Wording(
                names(
                    "liquidated_amount liquidated_usd liquidation_count num_liquidations "
                    "times_liquidated liquidation_amount liquidation_amount_usd"
                ),
                above=0.0,
            ),
            Wording(
                names(
                    "liquidated_at forced_sale_date margin_call_date liquidation_date "
                    "liquidation_timestamp"
                ),
                filled=True,
            ),
        ),
    ),
    number("health_factor", "health factor", "", "hf", minimum=0.0),
    number(
        "loan_to_value",
        "debt over collateral",
        "share",
        "ltv",
        "current_ltv",
        "initial_ltv",
        minimum=0.0,
        maximum=1.5,
    ),
    number(
        "liquidation_threshold",
        "loan to value at which it is liquidated",
        "share",
        "liq_threshold",
        minimum=0.0,
        maximum=1.0,
    ),
    number("volatility_30d", "volatility of the collateral", "share", "volatility", minimum=0.0),
    number(
        "collateral_usd",
        "value of the collateral",
        "USD",
        "collateral_value",
        "collateral_value_usd",
        "collateral_value_at_open_usd",
        minimum=0.0,
    ),
    number(
        "debt_usd",
        "value of the debt",
        "USD",
        "debt_value",
        "borrowed_usd",
        "loan_amount_usd",
        "loan_value_usd",
        "loan_value",
        minimum=0.0,
    ),
    number("borrow_rate", "interest on the debt", "share", "borrow_apr", minimum=0.0),
    number("days_open", "days since it was opened", "days", "position_age", minimum=0.0),
    number("past_liquidations", "earlier liquidations", "liquidations", minimum=0.0),
    category(
        "collateral_asset",
        "asset of the collateral",
        "collateral_token",
        "collateral_coin",
        "collateral_currency",
        "collateral",
    ),
    category("debt_asset", "asset of the debt", "debt_token", "borrow_asset"),
    category("protocol", "lending protocol", "market", "platform"),
)

LIQUIDATION_RISK = Blueprint(
    id="liquidation_risk",
    name="Liquidation risk",
    category="crypto",
    use_case="Add collateral, or repay, before a loan is liquidated.",
    who="one loan against collateral",
    when="at the snapshot, knowing prices and the loan as they stood then",
    what="whether the loan is liquidated in the window after it",
    horizon="the window that the outcome column describes (7 days in most data)",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("liquidation_time", "liquidator", "liquidation_price", "penalty"),
            "it exists only where the loan was liquidated",
        ),
    ),
    targets=(
        Target(
            "liquidated",
            ("liquidated",),
            Answer.PROBABILITY,
            "the loan is liquidated",
            decision=Decision(
                "in danger", "safe", miss_cost=10.0, false_alarm_cost=1.0, stake=Stake.COSTS
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("collateral_usd", "debt_usd")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("liquidation", "the loan is liquidated"),
    limits=(
        "Measured on synthetic loans with a known truth only; no real data set was at hand.",
        "Liquidations come together when a market falls: the test rows must hold such a fall.",
    ),
)
