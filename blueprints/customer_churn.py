"""Which customers are about to leave."""

from dataclasses import replace

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Choice,
    Column,
    Events,
    Kind,
    Lifetime,
    OutputField,
    Parameter,
    Protocol,
    Role,
    Settings,
    Source,
    Statuses,
    Target,
    Variants,
    Wording,
    names,
)
from tracer_ray.decision import Decision, Stake
from tracer_ray.features import code, value
from tracer_ray.inactivity import DEFINITION, churn_definition, gone_silent, silent_days
from tracer_ray.tabular import TABULAR, probability_fields

_DEFINITION = churn_definition(
    Choice("cancelled", "what the churn column says, one row per customer"),
    (30, 60, 90),
    "purchases, logins",
)

# what reasons are about, by words of their features' names, and what to do about them by default
_PROTOCOLS = (
    Protocol(
        "support",
        names("support ticket complaint call security backup protection minutes"),
        "call back, settle what is open, and show the help that is there",
    ),
    Protocol(
        "price",
        names("charge price cost fee amount discount payment billing mrr"),
        "review the bill together and offer a plan that fits what is used",
    ),
    Protocol(
        "contract",
        ("contract", "plan", "subscription", "renewal"),
        "offer a longer term, with what it gives in return, before the renewal",
    ),
    Protocol(
        "engagement",
        names("activity overdue login usage tenure visit session streaming days"),
        "get in touch about what they came for, and help with the next step",
    ),
)


def _protocol_parameter(protocol: Protocol) -> Parameter:
    return Parameter(
        f"{protocol.kind}_protocol",
        f"what to do where the reasons are about {protocol.kind}",
        protocol.advice,
    )


PARAMETERS = (_DEFINITION, *map(_protocol_parameter, _PROTOCOLS))


def _number(name: str, description: str, unit: str, *aliases: str) -> Column:
    return Column(name, Kind.NUMBER, Role.KNOWN, description, unit, aliases)


_CANCELLED = Blueprint(
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
            aliases=names(
                "customerid cust_id custid client_id clientnum user_id account_id id msno"
            ),
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
            aliases=names(
                "churn is_churn exited attrition left cancelled canceled churn_label "
                "churn_flag attrited_customer inactive expired has_churned is_churned "
                "customer_churned churned_flag churn_value churn_status churn_yn "
                "churn_indicator has_left has_cancelled is_cancelled is_canceled "
                "cancelled_flag terminated lapsed lost deactivated unsubscribed "
                "account_closed closed_account is_attrited attrition_flag"
            ),
            required=True,
            statuses=Statuses(
                yes=(
                    "churned churn cancelled canceled closed terminated lost lapsed left "
                    "exited unsubscribed deactivated expired inactive gone not_renewed "
                    "gekuendigt gekündigt resilie résilié baja disdetta non_renewing"
                ),
                no=(
                    "active current stayed retained renewed joined existing open aktiv actif "
                    "activo attivo in_force"
                ),
                open="trial trialing in_trial future pending paused suspended on_hold prospect",
            ),
            wordings=(
                Wording(
                    names(
                        "retained stayed existing_customer active is_active still_active "
                        "is_retained renewed is_renewed has_renewed contract_renewed "
                        "still_customer"
                    )
                ),
                Wording(  # 1 is a customer, and the values may be the words of either list
                    (
                        "subscription_status",
                        "customer_status",
                        "account_status",
                        "membership_status",
                    )
                ),
                Wording(
                    names(
                        "churn_date churned_at churned_on cancelled_at canceled_at "
                        "cancelled_at_utc canceled_at_utc ended_at_utc kündigungsdatum "
                        "cancelled_date canceled_date cancellation_date cancel_date closed_at "
                        "closed_date account_closed_date date_closed termination_date left_date "
                        "exit_date deactivated_at unsubscribed_at ended_at lost_date "
                        "kuendigungsdatum date_resiliation fecha_baja data_disdetta"
                    ),
                    filled=True,
                ),
            ),
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
    keeps_rows=True,
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
        *probability_fields("churn", "the customer leaves", reasons="risk_vectors"),
        OutputField(
            "estimated_churn_window",
            Source.WINDOW,
            "days until half (days), a quarter (from_days) and three quarters (to_days) of the "
            "customers of like probability have left: Kaplan-Meier over held-out ones, given the "
            "tenure so far; null with a reason where the data can't tell",
            "days",
        ),
        OutputField(
            "intervention_protocols",
            Source.PROTOCOLS,
            "what to do about the kinds of reasons that raise the probability; none at low risk",
        ),
    ),
    lifetime=Lifetime("tenure_months", "churned", unit_days=30.44),
    minimum_history=500,
    below_minimum="the model over all segments answers",
    limits=(
        "A snapshot without a date can't show drift: the test rows are drawn by a hash.",
        "Columns filled in after the customer left are leaks; leave them out of the data.",
        "The window takes customers of all tenures for one cohort: it says when others at the same "
        "risk had left, not when a contract ends.",
    ),
)

_ACTIVITY = Events(
    "activity",
    key=replace(_CANCELLED.column("customer_id"), required=True),
    time=Column(
        "date",
        Kind.TIME,
        Role.TIME,
        "when the customer was active",
        aliases=names(
            "activity_date event_date event_time timestamp time order_date "
            "invoice_date purchase_date transaction_date login_date created_at"
        ),
        required=True,
    ),
    amounts=(
        _number(
            "amount",
            "what the customer paid",
            *names("money revenue total spend sales order_value total_amount payment"),
        ),
    ),
)


def _churn(settings: Settings) -> Blueprint:
    days = silent_days(settings[DEFINITION])
    blueprint = gone_silent(_CANCELLED, _ACTIVITY, days) if days else _CANCELLED
    protocols = tuple(
        replace(each, advice=settings[f"{each.kind}_protocol"]) for each in _PROTOCOLS
    )
    return replace(blueprint, protocols=protocols)


CUSTOMER_CHURN_VARIANTS = Variants(PARAMETERS, _churn)
CUSTOMER_CHURN = CUSTOMER_CHURN_VARIANTS.default
