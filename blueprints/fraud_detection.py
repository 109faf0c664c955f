"""Which claims or transactions deserve a second look."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Leak,
    Portfolio,
    Statuses,
    Target,
    Wording,
    candidate,
    names,
)
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
    row_id(
        "claim_id",
        "identifies the claim or transaction",
        "claim_number",
        "transaction_id",
        "trans_id",
    ),
    moment("reported_at", "when it is reported", "claim_date", "transaction_time", "event_time"),
    outcome(
        "is_fraud",
        "whether it was found to be fraud",
        *names(
            "fraud_found fraud fraudulent fraud_reported fraud_label suspicious "
            "is_suspicious is_flagged fraud_bool potential_fraud is_scam isfraud "
            "is_laundering is_fraudulent fraud_flag fraud_ind fraud_indicator fraud_status "
            "fraud_disposition fraud_confirmed confirmed_fraud flagged_fraud is_fake "
            "fake is_chargeback fraudulent_claim"
        ),
        statuses=Statuses(
            yes=(
                "fraud fraudulent confirmed_fraud fraud_confirmed confirmed scam "
                "suspicious chargeback fake"
            ),
            no=(
                "legit legitimate genuine normal clean not_fraud no_fraud non_fraud "
                "non_fraudulent valid false_positive cleared honest"
            ),
            open=("pending under_review in_review unreviewed open under_investigation unknown"),
        ),
        wordings=(
            Wording(("legitimate", "genuine", "is_legit", "legit", "is_genuine")),
            Wording(
                (
                    "fraud_reported_at",
                    "fraud_confirmed_at",
                    "fraud_date",
                    "chargeback_at",
                    "chargeback_date",
                ),
                filled=True,
            ),
        ),
    ),
    number("amount", "amount claimed or paid", "money", "claim_amount", "transaction_amount"),
    number("age", "age of the person", "years", "customer_age"),
    number("deductible", "deductible", "money"),
    number("driver_rating", "rating of the driver", "grade"),
    category("rep_number", "who handles the claim", "adjuster_id", "handler"),
    category("fault", "whose fault it was", "fault_party"),
    category("policy_type", "kind of policy", "product_type"),
    category("base_policy", "cover of the policy", "coverage_type"),
    category("vehicle_category", "kind of vehicle"),
    category("make", "make of the vehicle", "auto_make", "brand"),
    category("accident_area", "where it happened", "incident_location"),
    category("address_change_claim", "when the address was last changed", "address_change"),
    category("past_number_of_claims", "earlier claims", "previous_claims"),
    category("merchant_category", "kind of merchant", "mcc", "merchant_type"),
    category("channel", "how it was made", "payment_channel", "device_type"),
    number("v28", "last of the 28 components in which card payments are published"),
    flag("police_report_filed", "whether the police was told", "police_report_available"),
    flag("witness_present", "whether somebody saw it", "witness"),
)

# random cuts were the steadiest on vehicle claims (docs/benchmarks.md): the large one has them
_PORTFOLIO = Portfolio(
    pooled=(
        *TABULAR.pooled[:2],
        candidate(
            "lightgbm",
            num_leaves=31,
            depth=8,
            min_data_in_leaf=20,
            learning_rate=0.05,
            rounds=500,
            extra_trees=1,
        ),
        *TABULAR.pooled[3:],
    ),
)

FRAUD_DETECTION = Blueprint(
    id="fraud_detection",
    name="Fraud detection",
    category="finance",
    use_case="Send the suspicious few to an investigator, and pay the others at once.",
    who="one claim or transaction",
    when="when it is reported, before anybody has looked into it",
    what="whether it turns out to be fraud",
    horizon="the end of the investigation",
    columns=_COLUMNS,
    extra_columns_known=True,
    row_order_is_time=True,
    leaks=(
        Leak(
            ("policy_number", "row_number"),
            "it names a policy and not what happened; given out in order, it only tells the time",
        ),
        Leak(
            ("investigation_result", "siu_referral", "chargeback", "claim_status", "paid_amount"),
            "it is filled in when the case has been looked into",
        ),
    ),
    targets=(
        Target(
            "is_fraud",
            ("is_fraud",),
            Answer.PROBABILITY,
            "it is fraud",
            decision=Decision(
                "suspicious",
                "unsuspicious",
                miss_cost=12.0,
                false_alarm_cost=1.0,
                stake=Stake.COSTS,
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("amount",)),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=_PORTFOLIO,
    output=probability_fields("fraud", "it is fraud"),
    limits=(
        "Only fraud that was found counts as fraud; what nobody noticed is taught as honest.",
        "Fraudsters change their ways: look at the newest rows, and train again often.",
        "Fraud is rare: judge by the area under the precision-recall curve beside the AUC.",
        "Without a time column the rows are taken to stand in the order in which they were "
        "reported, and the newest are the test rows.",
    ),
)
