"""What will be paid in and out on each of the coming days."""

from tracer_ray.blueprint import Answer, Blueprint, Column, Kind, OutputField, Role, Target, Way
from tracer_ray.daily_series import (
    OPEN_WEEKDAYS,
    SERIES_SPLIT,
    forecast_output,
    horizon_variants,
    series_baselines,
    series_features,
    series_portfolio,
)
from tracer_ray.features import code

# a bank statement has one column of payments, signed or beside a column that says which way they go
_PAYMENTS = ("amount", "transaction_amount", "payment_amount")
_TOLD_BY = (
    *("type", "transaction_type", "direction", "debit_credit", "credit_debit", "dr_cr"),
    *("income_expense", "income_or_expense", "expense_income", "flow"),
)
_IN = (
    "credit",
    "cr",
    "deposit",
    "income",
    "in",
    "inflow",
    "received",
    "receipt",
    "c",
    "transfer_in",
)
_OUT = (
    *("debit", "dr", "withdrawal", "expense", "out", "outflow", "paid", "payment", "d"),
    *("expenses", "withdraw", "purchase", "fee", "outcome", "transfer_out"),
)


def _output(days: int) -> tuple[OutputField, ...]:
    return forecast_output("payments", "money", *sorted({30, days}))


_BASE = Blueprint(
    id="cash_flow_forecast",
    name="Cash flow forecast",
    category="finance and risk",
    use_case="See in time when payments in will not cover payments out.",
    who="the business, or each of its accounts",
    when="at the end of a day, knowing all days before the forecast",
    what="payments in, and payments out, of each coming day and of many together",
    horizon="1 to 60 days ahead",
    horizon_days=60,
    sums_days=True,
    columns=(
        Column(
            "account",
            Kind.CATEGORY,
            Role.ENTITY,
            "account, unit or subsidiary; absent for one series",
            aliases=("account_id", "iban", "unit", "subsidiary", "company"),
        ),
        Column(
            "date",
            Kind.TIME,
            Role.TIME,
            "the day, or when the payment was booked",
            aliases=("day", "booking_date", "value_date", "transaction_date", "ds"),
            required=True,
        ),
        Column(
            "inflow",
            Kind.NUMBER,
            Role.OUTCOME,
            "paid in",
            "money",
            ("cash_in", "receipts", "inflows", "credit_amount", "money_in", "paid_in", "deposits"),
            way=Way(_PAYMENTS, _TOLD_BY, words=_IN, others=_OUT, sign=1.0),
        ),
        Column(
            "outflow",
            Kind.NUMBER,
            Role.OUTCOME,
            "paid out, as a positive number",
            "money",
            (
                "cash_out",
                "payments",
                "outflows",
                "debit_amount",
                "money_out",
                "paid_out",
                "withdrawals",
                "expenses",
                "expense_amount",
            ),
            way=Way(_PAYMENTS, _TOLD_BY, words=_OUT, others=_IN, sign=-1.0),
        ),
        Column(
            "due_date_kind",
            Kind.CATEGORY,
            Role.KNOWN,
            "what falls due that day: salaries, rent, taxes, a loan",
            aliases=("due", "scheduled"),
        ),
    ),
    targets=(
        Target("inflow", ("inflow",), Answer.AMOUNT, "paid in on one day", "money", ("in",)),
        Target("outflow", ("outflow",), Answer.AMOUNT, "paid out on one day", "money", ("out",)),
    ),
    features=(*series_features(), code("due_date_kind")),
    baselines=series_baselines(),
    metric="rmsle",
    portfolio=series_portfolio(),
    split=SERIES_SPLIT,
    output=_output(60),
    open_days=OPEN_WEEKDAYS,
    minimum_history=180,
    below_minimum="the pooled model answers",
    limits=(
        "Payments in and out are forecast one by one: there is no interval of their difference.",
        "Rows of one day (UTC) are added up; days without a row are taken for days without any.",
        "Invoices that are open or due are not looked at.",
        "In a bank statement with one column of payments, a word that says neither in nor out, "
        "such as a transfer between own accounts, sets its row aside.",
    ),
)

CASH_FLOW_FORECAST_VARIANTS = horizon_variants(_BASE, (60, 30, 90), _output)
CASH_FLOW_FORECAST = CASH_FLOW_FORECAST_VARIANTS.default
