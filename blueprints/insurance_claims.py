"""Which policies will have a claim."""

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
    row_id("policy_id", "identifies the policy", "policy_number", "policyid", "contract_id"),
    moment("period_start", "start of the insured period", "start_date", "renewal_date"),
    outcome(
        "has_claim",
        "whether a claim was made in the period",
        *names(
            "claim is_claim claim_filed claim_flag claim_status made_claim claim_made "
            "insurance_claim clm has_claimed is_claimed claimed claim_yn claim_ind "
            "claim_indicator claim_occurred any_claim"
        ),
        statuses=Statuses(yes="claim claimed claim_made", no="no_claim not_claimed claim_free"),
        wordings=(
            Wording(("claim_free", "no_claim")),
            Wording(
                names(
                    "claim_count claim_nb number_of_claims claims num_claims n_claims nclaims "
                    "claims_count total_claims numclaims claim_cnt number_claims claim_counts "
                    "claims_number antskad claim_frequency clm_freq"
                ),
                above=0.0,
            ),
        ),
    ),
    number("past_claims", "claims in earlier periods", "claims", "previous_claims", minimum=0.0),
    number("bonus_malus", "bonus-malus level", "points", "no_claims_discount", "bonus"),
    number("driver_age", "age of the insured", "years", "age", "driv_age", minimum=0.0),
    number("vehicle_age", "age of the vehicle", "years", "veh_age", "car_age", minimum=0.0),
    number("exposure", "share of a year insured", "years", "duration", minimum=0.0, maximum=1.0),
    number("annual_mileage", "distance per year", "km", "mileage", minimum=0.0),
    number("sum_insured", "sum insured", "money", "insured_value", minimum=0.0),
    number("density", "people per square kilometre", "people", "population_density", minimum=0.0),
    category("region", "region", "area", "state"),
    category("vehicle_type", "kind of vehicle", "veh_brand", "vehicle_category"),
    category("coverage", "cover of the policy", "policy_type", "plan"),
)

INSURANCE_CLAIMS = Blueprint(
    id="insurance_claims",
    name="Insurance claims",
    category="finance",
    use_case="Price renewals, and find policies whose risk has changed.",
    who="one policy and period",
    when="at the start of the period, knowing earlier periods",
    what="whether a claim is made in the period",
    horizon="the insured period",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("claim_amount", "total_claim_amount", "loss", "paid", "incident_type"),
            "it exists only where there was a claim",
        ),
    ),
    targets=(
        Target(
            "has_claim",
            ("has_claim",),
            Answer.PROBABILITY,
            "a claim is made",
            decision=Decision(
                "claim", "no claim", miss_cost=6.0, false_alarm_cost=1.0, stake=Stake.COSTS
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("annual_mileage", "sum_insured", "density")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("claim", "a claim is made"),
    limits=(
        "Measured on synthetic policies with a known truth only; no real data set was at hand.",
        "How large a claim will be is another question.",
    ),
)
