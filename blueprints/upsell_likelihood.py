"""Which customers will take one more product."""

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
    row_id("customer_id", "identifies the customer", "household_id", "client_id", "id"),
    moment("as_of", "date of the offer", "offer_date", "snapshot_date", "as_of_date"),
    outcome(
        "bought",
        "whether the customer took the offered product",
        *names(
            "purchase purchased upsold upgraded accepted response caravan "
            "personal_loan travel_insurance prod_taken product_taken took_product "
            "took interested cross_sold accepted_offer offer_accepted took_offer "
            "has_upgraded is_upgrade upgrade upgraded_flag upsell upsell_flag "
            "upsell_accepted cross_sell cross_sell_flag response_flag "
            "campaign_response addon_purchased purchased_addon expanded is_expanded "
            "florence offer_response"
        ),
        statuses=Statuses(
            yes=(
                "accepted upgraded upgrade bought purchased expanded converted redeemed "
                "offer_completed responded"
            ),
            no=(
                "declined rejected refused ignored no_response kept not_upgraded viewed "
                "expired not_interested downgraded"
            ),
            open="pending sent open",
        ),
        wordings=(
            Wording(("declined", "rejected", "refused")),
            Wording(
                ("upgraded_at", "upgraded_on", "expanded_at", "expansion_date", "purchased_at"),
                filled=True,
            ),
        ),
    ),
    category("mostype", "customer type", "customer_type", "segment_code"),
    category("moshoofd", "main customer type", "customer_main_type", "lifestyle"),
    category("plan", "product the customer has", "current_plan", "tier", "product"),
    number("mkoopkla", "purchasing power class", "class", "purchasing_power"),
    number("minkgem", "income class", "class", "income_class", "income_band"),
    number("income", "income per month or year", "money", "average_income", "annual_income"),
    number("ppersaut", "spent on car policies, class", "class", "car_policy_contribution"),
    number("apersaut", "car policies", "policies", "car_policies"),
    number("pbrand", "spent on fire policies, class", "class", "fire_policy_contribution"),
    number("products_owned", "products that the customer has", "products", "num_products"),
    number("tenure_months", "months as a customer", "months", "tenure"),
    number("monthly_spend", "spent per month", "money", "mrr", "monthly_charges"),
    number("usage_share", "share of the plan's limits in use", "share", "utilization"),
)

UPSELL_LIKELIHOOD = Blueprint(
    id="upsell_likelihood",
    name="Upsell likelihood",
    category="retail",
    use_case="Offer one more product to those who may want it, and leave the others in peace.",
    who="one customer",
    when="before the offer, knowing what the customer has",
    what="whether the customer takes the offered product",
    horizon="the campaign that the outcome column describes",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("upgrade_date", "new_plan", "order_value", "accepted_at"),
            "it is filled in when the customer accepts",
        ),
    ),
    targets=(
        Target(
            "bought",
            ("bought",),
            Answer.PROBABILITY,
            "the customer takes the product",
            decision=Decision(
                "takes it",
                "declines",
                miss_cost=12.0,
                false_alarm_cost=1.0,
                stake=Stake.ADDS_REVENUE,
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("monthly_spend", "income")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("upsell", "the customer takes the product"),
    limits=(
        "It says who buys, not who buys because of the offer; that needs a trial with a control "
        "group.",
        "A snapshot without a date can't show drift: the test rows are drawn by a hash.",
    ),
)
