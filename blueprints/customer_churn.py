"""Which customers are about to leave."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    OutputField,
    Role,
    Source,
    Target,
)
from tracer_ray.decision import Decision, Stake
from tracer_ray.features import code, value
from tracer_ray.tabular import TABULAR, probability_fields


def _number(name: str, description: str, unit: str, *aliases: str) -> Column:
    return Column(name, Kind.NUMBER, Role.KNOWN, description, unit, aliases)


CUSTOMER_CHURN = Blueprint(
    id="customer_churn",
    name="Customer churn",
    category="business",
    use_case="Find the customers worth a call before they cancel.",
    who="one customer",
    when="at the snapshot, knowing the account as it stood then",
    what="whether the customer leaves in the period after the snapshot",
    horizon="the period that the churn column describes",
    columns=(
        Column(
            "customer_id",
            Kind.CATEGORY,
            Role.ROW,
            "identifies the customer",
            aliases=(
                "customerid",
                "cust_id",
                "custid",
                "client_id",
                "clientnum",
                "user_id",
                "account_id",
                "id",
            ),
            required=True,
        ),
        Column(
            "as_of",
            Kind.TIME,
            Role.TIME,
            "date of the snapshot",
            aliases=("snapshot_date", "as_of_date", "observation_date"),
        ),
        Column(
            "segment",
            Kind.CATEGORY,
            Role.SEGMENT,
            "group with a model of its own",
            aliases=("customer_segment",),
        ),
        Column(
            "churned",
            Kind.FLAG,
            Role.OUTCOME,
            "whether the customer left",
            aliases=(
                "churn",
                "is_churn",
                "exited",
                "attrition",
                "left",
                "cancelled",
                "canceled",
                "churn_label",
                "churn_flag",
            ),
            required=True,
        ),
        _number(
            "tenure_months",
            "months as a customer",
            "months",
            "tenure",
            "months_active",
            "account_length",
        ),
        _number(
            "monthly_charges", "charge per month", "money", "monthly_fee", "monthly_revenue", "mrr"
        ),
        _number("total_charges", "charges so far", "money", "total_spend", "lifetime_spend"),
        Column(
            "contract",
            Kind.CATEGORY,
            Role.KNOWN,
            "kind of contract",
            aliases=("contract_type", "plan", "plan_type", "subscription_type"),
        ),
        Column(
            "payment_method",
            Kind.CATEGORY,
            Role.KNOWN,
            "how the customer pays",
            aliases=("payment_type",),
        ),
    ),
    extra_columns_known=True,
    targets=(
        Target(
            "churned",
            ("churned",),
            Answer.PROBABILITY,
            "the customer leaves",
            decision=Decision(
                "leaves", "stays", miss_cost=5.0, false_alarm_cost=1.0, stake=Stake.ENDS_REVENUE
            ),
        ),
    ),
    features=(
        value("tenure_months", "months"),
        value("monthly_charges", "money"),
        value("total_charges", "money"),
        code("contract"),
        code("payment_method"),
    ),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=(
        *probability_fields("churn", "the customer leaves"),
        OutputField(
            "risk_vectors",
            Source.REASONS,
            "the features that moved the probability the most, each with a sentence to quote",
        ),
    ),
    minimum_history=500,
    below_minimum="the model over all segments answers",
    limits=(
        "A snapshot without a date can't show drift: the test rows are drawn by a hash.",
        "Columns filled in after the customer left are leaks; leave them out of the data.",
    ),
)
