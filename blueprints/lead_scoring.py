"""Which leads are worth the next call."""

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
    as_they_are,
    category,
    moment,
    number,
    outcome,
    probability_fields,
    row_id,
)

_COLUMNS = (
    row_id(
        "lead_id",
        "identifies the lead",
        *names(
            "prospect_id contact_id opportunity_id lead_number opportunity_number "
            "deal_id mql_id record_id"
        ),
    ),
    moment(
        "contacted_at",
        "when the lead is contacted",
        "contact_date",
        "created_at",
        "call_date",
        "lead_creation_date",
    ),
    outcome(
        "converted",
        "whether the lead bought",
        *names(
            "subscribed conversion is_converted won closed_won deposit y clicked "
            "click clicked_on_ad purchased bought enrolled booking_complete booked "
            "signed_up term_deposit lead_converted has_converted converted_flag "
            "converted_to_customer became_customer is_customer is_won is_sold signup "
            "registered opted_in responded donated target_b disbursed car_insurance positive_lead "
            "is_lead"
        ),
        statuses=Statuses(
            yes=(
                "won closed_won converted customer sold signed sale purchased enrolled "
                "accepted subscribed success successful booked deal_won gewonnen gagné "
                "ganado ganho vinto convertito convertido konvertiert"
            ),
            no=(
                "lost loss closed_lost unqualified disqualified not_interested dead "
                "rejected junk junk_lead failure unsuccessful declined no_sale "
                "not_converted deal_lost verloren perdu perdido perso"
            ),
            open=(
                "open new contacted working nurturing nurture qualified in_progress "
                "negotiation proposal prospecting engaging connected attempted_to_contact "
                "pending demo demo_scheduled proposal_sent qualification needs_analysis "
                "marketing_qualified_lead sales_qualified_lead mql sql"
            ),
        ),
        wordings=(
            Wording(("lost", "closed_lost", "disqualified", "unqualified", "not_converted")),
            Wording(
                names(
                    "converted_at converted_on converted_date conversion_date date_converted "
                    "won_date won_time won_at closed_won_date became_customer_at "
                    "became_a_customer_date signed_at signed_date"
                ),
                filled=True,
            ),
        ),
    ),
    category("source", "where the lead came from", "lead_source", "utm_source", "origin"),
    category(
        "contact",
        "how the lead is reached",
        "contact_type",
        "communication_type",
        "communication",
        "contact_method",
    ),
    category("job", "occupation or job title", "job_title", "occupation", "title"),
    category("industry", "industry of the firm", "sector", "vertical"),
    category("month", "month of the contact", "contact_month"),
    category("poutcome", "how the previous campaign ended", "previous_outcome"),
    number("age", "age of the person", "years", "customer_age", minimum=0.0),
    number(
        "campaign",
        "contacts in this campaign",
        "contacts",
        "touches",
        "attempts",
        "no_of_contacts",
        "num_contacts",
        "contact_attempts",
    ),
    number(
        "pdays", "days since the last contact", "days", "days_since_last_contact", "days_passed"
    ),
    number(
        "previous",
        "contacts before this campaign",
        "contacts",
        "previous_contacts",
        "prev_attempts",
        "previous_attempts",
    ),
    number("website_visits", "visits so far", "visits", "total_visits", "page_views", "visits"),
    number("company_size", "employees of the firm", "people", "employees", "number_of_employees"),
)

# Derived by evaluation.portfolio from windows of bank marketing that come before the test rows
# (docs/benchmarks.md): campaigns and markets change so much that boosters lose in one what they
# gained in the one before; a shallow forest is steadier than they and than lines.
_STEADY = Portfolio(
    pooled=(
        candidate("random_forest", depth=5, max_features=0.44, min_leaf=6, min_split=18, trees=268),
    )
)

LEAD_SCORING = Blueprint(
    id="lead_scoring",
    name="Lead scoring",
    category="business",
    use_case="Call first the leads that are likely to buy.",
    who="one lead",
    when="before the call, knowing the lead and all earlier contacts",
    what="whether the lead buys",
    horizon="the campaign that the outcome column describes",
    columns=_COLUMNS,
    extra_columns_known=True,
    row_order_is_time=True,
    leaks=(
        Leak(
            ("duration", "call_duration", "last_call_duration", "talk_time"),
            "the length of a call is known only after it, and long calls are those that sold",
        ),
        Leak(
            ("close_date", "deal_value", "revenue", "contract_value", "won_reason", "lost_reason"),
            "it is filled in when the deal is closed",
        ),
    ),
    targets=(
        Target(
            "converted",
            ("converted",),
            Answer.PROBABILITY,
            "the lead buys",
            decision=Decision(
                "buys", "does not buy", miss_cost=8.0, false_alarm_cost=1.0, stake=Stake.MAKES_SALE
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("company_size",)),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=_STEADY,
    output=probability_fields("conversion", "the lead buys"),
    limits=(
        "Without a time column the rows are taken to stand in the order of the contacts, and the "
        "newest are the test rows; a shuffled file makes that a random split.",
        "Campaigns and markets change: a model of one season may rank the next one's leads badly, "
        "and its probabilities follow the base rate of the past.",
    ),
)
