"""What will be paid in and out on each of the coming days."""

from tracer_ray.blueprint import Answer, Blueprint, Column, Kind, Role, Target, Way, names
from tracer_ray.features import code
from tracer_ray.series_forecast import (
    SERIES_SPLIT,
    forecast_output,
    open_periods,
    portfolio_of,
    series_baselines,
    series_features,
)
from tracer_ray.series_horizon import Horizon, horizon_variants

# a bank statement has one column of payments, signed or beside a column that says which way they go
_PAYMENTS = names(
    "amount transaction_amount payment_amount amount_eur amount_usd "
    "net_cash_flow net_cashflow net_flow cash_flow cashflow betrag montant "
    "montant_total importe importo valor transaction_value "
    "amount_in_account_currency bedrag bedrag_eur"
)
_TOLD_BY = names(
    "type transaction_type direction debit_credit credit_debit dr_cr "
    "income_expense income_or_expense expense_income flow cr_dr dc soll_haben "
    "credit_debit_indicator cdt_dbt_ind sens type_operation tipo "
    "tipo_movimiento af_bij"
)
_IN = names(
    "credit cr deposit income in inflow received receipt c transfer_in crdt "
    "haben h gutschrift eingang prijem ingreso entrada recette entrata abono "
    "incasso top_up topup bij"
)
_OUT = names(
    "debit dr withdrawal expense out outflow paid payment d expenses withdraw "
    "purchase fee outcome transfer_out dbit soll s lastschrift ausgang vydaj "
    "vyber egreso gasto saida salida depense uscita cargo card_payment af"
)


_COLUMNS = (
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
        aliases=names(
            "day booking_date value_date transaction_date ds posting_date posted_date "
            "txn_date trans_date completed_date operation_date buchungstag "
            "buchungsdatum date_operation fecha_operacion data_contabile"
        ),
        required=True,
    ),
    Column(
        "inflow",
        Kind.NUMBER,
        Role.OUTCOME,
        "paid in",
        "money",
        names(
            "cash_in receipts inflows credit_amount money_in paid_in deposits "
            "cash_receipts collections cash_inflow total_inflow customer_receipts "
            "rcpt_customers deposit_amt deposit_amount deposit credit credit_amt "
            "credits haben einzahlung einnahmen encaissements entrate ingresos abono "
            "abonos ricavi"
        ),
        way=Way(_PAYMENTS, _TOLD_BY, words=_IN, others=_OUT, sign=1.0),
    ),
    Column(
        "outflow",
        Kind.NUMBER,
        Role.OUTCOME,
        "paid out, as a positive number",
        "money",
        names(
            "cash_out payments outflows debit_amount money_out paid_out withdrawals "
            "expenses expense_amount cash_outflow total_outflow disbursements "
            "cash_disbursements total_expenses withdrawal_amt withdrawal_amount "
            "withdrawal debit debit_amt debits soll auszahlung ausgaben decaissements "
            "uscite gastos cargo cargos depenses"
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
)


def _forecast(ahead: Horizon) -> Blueprint:
    period = ahead.period
    return Blueprint(
        id="cash_flow_forecast",
        name="Cash flow forecast",
        category="finance and risk",
        use_case="See in time when payments in will not cover payments out.",
        who="the business, or each of its accounts",
        when=f"at the end of a {period}, knowing all {period}s before the forecast",
        what=f"payments in, and payments out, of each coming {period} and of many together",
        horizon=str(ahead),
        horizon_steps=ahead.steps,
        period=period,
        adds_up=True,
        columns=_COLUMNS,
        targets=(
            Target(
                "inflow",
                ("inflow",),
                Answer.AMOUNT,
                f"paid in within one {period}",
                "money",
                ("in",),
            ),
            Target(
                "outflow",
                ("outflow",),
                Answer.AMOUNT,
                f"paid out within one {period}",
                "money",
                ("out",),
            ),
        ),
        features=(*series_features(period=period), code("due_date_kind")),
        baselines=series_baselines(period=period),
        metric="rmsle",
        portfolio=portfolio_of(period),
        split=SERIES_SPLIT,
        output=forecast_output("payments", "money", *ahead.sums(30), period=period),
        open_days=open_periods(period),
        minimum_history=ahead.enough(180),
        below_minimum="the pooled model answers",
        limits=(
            "Payments in and out are forecast one by one, without an interval of their difference.",
            f"Rows of one {period} (UTC) are added up; without a row there is taken to be none.",
            "Invoices that are open or due are not looked at.",
            "In a bank statement with one column of payments, a word that says neither in nor out, "
            "such as a transfer between own accounts, sets its row aside.",
        ),
    )


CASH_FLOW_FORECAST_VARIANTS = horizon_variants(_forecast, (60, 30, 90))
CASH_FLOW_FORECAST = CASH_FLOW_FORECAST_VARIANTS.default
