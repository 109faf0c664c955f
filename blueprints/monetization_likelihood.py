"""Which players or users will pay for the first time."""

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
    row_id("user_id", "identifies the player or user", "player_id", "uid", "account_id"),
    moment("as_of", "when the user is looked at", "snapshot_date", "as_of_date"),
    outcome(
        "paid",
        "whether the user paid in the window after",
        *names(
            "converted made_purchase is_payer_30d paid_30d premium is_premium paying "
            "in_game_purchases adopter paid_user is_paying is_paid has_paid "
            "is_subscriber converted_to_paid converted_to_premium upgraded_to_premium "
            "trial_converted is_spender spender paying_user paid_conversion "
            "in_app_purchase made_in_app_purchase iap"
        ),
        statuses=Statuses(
            yes=(
                "premium paid payer paying subscriber pro plus converted buyer spender "
                "whale dolphin minnow"
            ),
            no=("free non_payer non_paying f2p freemium basic not_converted non_spender never"),
            open="trial trialing",
        ),
        wordings=(
            Wording(
                names(
                    "revenue_next_30d spend_next_30d future_revenue in_app_purchase_amount "
                    "iap_revenue iap_count iap_total total_spend_usd total_spent "
                    "total_spent_usd total_iap_spend num_purchases purchases_count "
                    "amount_spent_usd revenue_usd pay_price purchase_revenue revenue_d30 "
                    "revenue_d7"
                ),
                above=0.0,
            ),
            Wording(
                names(
                    "first_purchase_at first_payment_at first_payment_date first_paid_at "
                    "first_deposit_at first_deposit_date ftd_date first_transaction_at "
                    "converted_at subscribed_at upgraded_at purchased_at"
                ),
                filled=True,
            ),
        ),
    ),
    number("sessions", "sessions so far", "sessions", "session_count", minimum=0.0),
    number("playtime", "time spent so far", "minutes", "minutes_played", minimum=0.0),
    number("level", "level reached", "levels", "max_level", minimum=0.0),
    number("days_since_install", "days since the first start", "days", minimum=0.0),
    number("shop_views", "views of the shop", "views", "store_visits", minimum=0.0),
    number("ads_watched", "advertisements watched", "ads", "rewarded_ads", minimum=0.0),
    number("soft_currency", "currency earned in the game", "coins", "coins", minimum=0.0),
    category("country", "country", "region", "geo"),
    category("platform", "device or store", "os", "device"),
    category("acquisition_channel", "where the user came from", "channel", "media_source"),
    flag("has_paid_before", "whether the user has paid before", "is_payer", "payer"),
)

MONETIZATION_LIKELIHOOD = Blueprint(
    id="monetization_likelihood",
    name="Monetization likelihood",
    category="games",
    use_case="Show an offer to those who may pay, and advertisements to the others.",
    who="one player or user",
    when="at the snapshot, knowing what the user did so far",
    what="whether the user pays in the window after it",
    horizon="the window that the outcome column describes (30 days in most data)",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("ltv", "total_revenue", "lifetime_revenue", "first_purchase_date", "purchase_count"),
            "it counts what was paid after the moment of the prediction too",
        ),
    ),
    targets=(
        Target(
            "paid",
            ("paid",),
            Answer.PROBABILITY,
            "the user pays",
            decision=Decision(
                "pays", "does not pay", miss_cost=10.0, false_alarm_cost=1.0, stake=Stake.MAKES_SALE
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("sessions", "playtime", "soft_currency")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("payment", "the user pays"),
    limits=(
        "Measured on synthetic users with a known truth only; the public sets of in-app purchases "
        "are made up as well.",
        "Payers are few: judge by the area under the precision-recall curve beside the AUC.",
    ),
)
