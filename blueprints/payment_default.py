"""Which borrowers will miss their next payment."""

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

_STATUS_MONTHS = (0, 2, 3, 4, 5, 6)
_BILL_MONTHS = (1, 2, 3, 4, 5, 6)
_AMOUNTS = (
    "limit_bal",
    "income",
    "loan_amount",
    *(f"bill_amt{month}" for month in _BILL_MONTHS),
    *(f"pay_amt{month}" for month in _BILL_MONTHS),
)

_COLUMNS = (
    row_id("client_id", "identifies the borrower", "id", "customer_id", "loan_id", "account_id"),
    moment("as_of", "date of the statement", "snapshot_date", "statement_date", "as_of_date"),
    outcome(
        "defaulted",
        "whether the next payment was missed",
        *names(
            "default_next_month default_payment_next_month default is_default "
            "loan_default bad bad_loan risk credit_risk seriousdlqin2yrs "
            "default_status delinquent charged_off late_payment bad_flag is_bad "
            "default_flag default_ind is_defaulted has_defaulted defaulter "
            "default_12m default_within_12m not_fully_paid npl npl_flag is_npl "
            "is_delinquent delinquency charge_off chargeoff is_charged_off "
            "missed_payment late_payment_flag is_late is_overdue overdue "
            "payment_default credit_default"
        ),
        statuses=Statuses(
            yes=(
                "charged_off closed_written_off default defaulted chargeoff chgoff bad "
                "npl non_performing written_off write_off in_default unpaid "
                "late_31_120_days does_not_meet_the_credit_policy_status_charged_off "
                "collection"
            ),
            no=(
                "fully_paid closed closed_repaid closed_obligations_met paid paid_in_full "
                "repaid paid_late paid_off pif good settled no_default not_default non_default "
                "performing does_not_meet_the_credit_policy_status_fully_paid"
            ),
            open=(
                "current active active_in_arrears issued in_grace_period late_16_30_days "
                "ongoing open disbursed"
            ),
        ),
        wordings=(
            Wording(
                names(
                    "paid repaid fully_paid paid_off not_default good loan_repaid is_repaid "
                    "repaid_flag paid_back fully_repaid is_paid paid_on_time performing "
                    "good_loan"
                )
            ),
            Wording(
                names(
                    "days_past_due days_late dpd max_dpd days_overdue overdue_days "
                    "days_in_arrears arrears_days"
                ),
                above=30.0,
            ),
            Wording(
                (
                    "default_date",
                    "defaulted_at",
                    "defaulted_on",
                    "date_of_default",
                    "chargeoff_date",
                    "charged_off_at",
                    "charged_off_date",
                    "written_off_at",
                    "write_off_date",
                ),
                filled=True,
            ),
        ),
    ),
    number("limit_bal", "credit limit", "money", "credit_limit", "limit"),
    number(
        "income",
        "income per month or year",
        "money",
        "monthly_income",
        "annual_income",
        "amt_income_total",
    ),
    number(
        "loan_amount", "amount lent", "money", "loan_amnt", "credit_amount", "amt_credit", "amount"
    ),
    number("term", "months over which it is paid back", "months", "duration_in_month", "loan_term"),
    number("interest_rate", "interest per year", "percent", "int_rate", "loan_int_rate"),
    number("debt_to_income", "debts per income", "share", "dti", "debt_ratio"),
    category("purpose", "what the money is for", "loan_purpose", "loan_intent"),
    category("credit_history", "how earlier credits were paid back", "credit_record"),
    category("savings", "savings, as coded", "savings_status", "savings_account"),
    category("checking", "checking account, as coded", "checking_status", "checking_account"),
    category("employment", "employment, as coded", "employment_status", "employment_length"),
    category("home_ownership", "home owned, rented or free", "person_home_ownership"),
    number("age", "age", "years", minimum=0.0),
    category("sex", "sex, as coded", "gender"),
    category("education", "education, as coded", "education_level"),
    category("marriage", "marital status, as coded", "marital_status"),
    *(
        number(f"pay_{month}", f"months of delay, {max(month, 1)} statements ago", "months")
        for month in _STATUS_MONTHS
    ),
    *(
        number(f"bill_amt{month}", f"bill {month} statements ago", "money")
        for month in _BILL_MONTHS
    ),
    *(
        number(f"pay_amt{month}", f"paid {month} statements ago", "money", f"payment_{month}")
        for month in _BILL_MONTHS
    ),
)

PAYMENT_DEFAULT = Blueprint(
    id="payment_default",
    name="Payment default",
    category="finance",
    use_case="Set limits and reserves, and call before the payment is missed.",
    who="one borrower",
    when="at the statement, knowing earlier statements and payments",
    what="whether the next payment is missed",
    horizon="the period that the outcome column describes (the next month in most data)",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("recoveries", "collection_recovery_fee", "charge_off_date", "written_off", "loss"),
            "it is filled in after the default",
        ),
    ),
    targets=(
        Target(
            "defaulted",
            ("defaulted",),
            Answer.PROBABILITY,
            "the next payment is missed",
            decision=Decision(
                "defaults", "pays", miss_cost=5.0, false_alarm_cost=1.0, stake=Stake.COSTS
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=_AMOUNTS),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("default", "the next payment is missed"),
    limits=(
        "Without a date the test rows are drawn by a hash, and a change of the economy can't show.",
        "Only borrowers who were given credit are in such data; of the others nothing is known.",
        "Some columns (sex, age, marital status) may not be used for credit decisions in some "
        "countries; leave them out of the data where that is so.",
    ),
)
