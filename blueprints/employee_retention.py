"""Which employees are about to leave."""

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
    row_id(
        "employee_id",
        "identifies the employee",
        *names(
            "employee_number emp_id empid staff_id personnel_number emp_no empno "
            "employee staff_number worker_id"
        ),
    ),
    moment("as_of", "date of the snapshot", "snapshot_date", "as_of_date", "review_date"),
    outcome(
        "left",
        "whether the employee left",
        *names(
            "attrition turnover resigned has_left left_company quit terminated termd "
            "leave leave_or_not resignation separated leaver employee_turnover "
            "attrited attrition_flag is_terminated is_leaver left_the_company exit"
        ),
        statuses=Statuses(
            yes=(
                "terminated left resigned quit leaver voluntarily_terminated "
                "terminated_for_cause inactive retired dismissed exited separated "
                "ausgeschieden baja sorti cessato"
            ),
            no=(
                "active employed current stay stays stayed stayer on_leave leave_of_absence leave "
                "aktiv actif activo attivo"
            ),
            open="future_start pending",
        ),
        wordings=(
            Wording(
                names(
                    "stayed retained is_active still_employed is_employed currently_employed "
                    "current_employee active employed"
                )
            ),
            Wording(
                names(
                    "termination_date date_of_termination terminated_at terminated_date "
                    "term_date exit_date date_of_exit leaving_date leave_date left_date "
                    "date_left resignation_date quit_date quit_at date_of_resignation "
                    "separation_date last_working_day last_working_date employment_end_date "
                    "austrittsdatum austritt date_depart date_sortie date_de_sortie "
                    "fecha_baja fecha_de_baja data_cessazione data_uscita datum_uit_dienst"
                ),
                filled=True,
            ),
        ),
    ),
    category("department", "department", "dept", "division", "team"),
    category("job_role", "role", "position", "job_title", "role"),
    category("business_travel", "how often the employee travels", "travel"),
    category("marital_status", "marital status"),
    flag("over_time", "whether the employee works overtime", "overtime", "works_overtime"),
    number("age", "age", "years", minimum=0.0),
    number("monthly_income", "pay per month", "money", "salary", "monthly_salary", "pay"),
    number("years_at_company", "years in the firm", "years", "tenure", "tenure_years"),
    number("years_since_last_promotion", "years since the last promotion", "years"),
    number("job_level", "level", "level", "grade"),
    number("total_working_years", "years of work", "years", "experience", "years_of_experience"),
    number("training_hours", "hours of training", "hours", "training_times_last_year"),
    category("education_field", "field of study", "major", "major_discipline"),
    number(
        "job_satisfaction",
        "satisfaction with the job",
        "score",
        "satisfaction",
        "satisfaction_level",
        "engagement",
    ),
    number("last_evaluation", "last review", "score", "evaluation", "review_score"),
    number("projects", "projects worked on", "projects", "number_project", "number_of_projects"),
    number("monthly_hours", "hours per month", "hours", "average_monthly_hours", "hours_worked"),
    number("absences", "days absent", "days", "absence_days", "days_absent"),
    number("distance_from_home", "way to work", "distance", "commute_distance"),
    number("stock_option_level", "level of stock options", "level"),
)

EMPLOYEE_RETENTION = Blueprint(
    id="employee_retention",
    name="Employee retention",
    category="business",
    use_case="Talk to the people who are about to leave while they still can be kept.",
    who="one employee",
    when="at the snapshot, knowing the personnel file as it stood then",
    what="whether the employee leaves in the period after the snapshot",
    horizon="the period that the outcome column describes",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("termination_reason", "exit_reason", "exit_interview", "notice_given", "last_day"),
            "it is filled in when the employee leaves",
        ),
    ),
    targets=(
        Target(
            "left",
            ("left",),
            Answer.PROBABILITY,
            "the employee leaves",
            decision=Decision(
                "leaves", "stays", miss_cost=4.0, false_alarm_cost=1.0, stake=Stake.COSTS
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("monthly_income",)),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("departure", "the employee leaves"),
    limits=(
        "A snapshot without a date can't show drift: the test rows are drawn by a hash.",
        "Some columns (age, gender, marital status) may not be used for decisions about people in "
        "some countries; leave them out of the data where that is so.",
    ),
)
