"""Small tables in the spellings of public data sets, with invented values."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

ROWS = 400
Draw = Callable[[np.random.Generator], object]


def _serial(start: int = 15_600_000) -> Draw:
    return lambda draws: (start + draws.permutation(ROWS)).tolist()


def _number(low: float = 0.0, high: float = 1000.0) -> Draw:
    return lambda draws: np.round(draws.uniform(low, high, ROWS), 2).tolist()


def _whole(low: int, high: int) -> Draw:
    return lambda draws: draws.integers(low, high, ROWS).tolist()


def _of(*values: object) -> Draw:
    return lambda draws: [values[at] for at in draws.integers(0, len(values), ROWS)]


def _text(prefix: str) -> Draw:
    return lambda draws: [f"{prefix}{number}" for number in draws.permutation(ROWS)]


def _day(first: str = "2021-01-01", days: int = ROWS) -> Draw:
    start = np.datetime64(first)
    return lambda draws: [
        str(start + np.timedelta64(row * days // ROWS, "D")) for row in range(ROWS)
    ]


SPELLINGS: dict[str, tuple[str, dict[str, Draw]]] = {
    "bank_churn": (
        "customer_churn",
        {
            "RowNumber": _serial(1),
            "CustomerId": _serial(),
            "Surname": _of("Hill", "Boni", "Chu", "Onio", "Scott"),
            "CreditScore": _whole(350, 850),
            "Geography": _of("France", "Spain", "Germany"),
            "Age": _whole(18, 90),
            "Tenure": _whole(0, 10),
            "Balance": _number(0, 2e5),
            "NumOfProducts": _whole(1, 5),
            "HasCrCard": _of(0, 1),
            "IsActiveMember": _of(0, 1),
            "Exited": _of(0, 1),
        },
    ),
    "telecom": (
        "customer_churn",
        {
            "State": _of("KS", "OH", "NJ"),
            "Account length": _whole(1, 240),
            "Phone number": _text("382-4"),
            "International plan": _of("Yes", "No"),
            "Total day minutes": _number(0, 350),
            "Customer service calls": _whole(0, 9),
            "Churn": _of("True", "False"),
        },
    ),
    "card_churn": (
        "customer_churn",
        {
            "CLIENTNUM": _serial(708_082_083),
            "Attrition_Flag": _of("Existing Customer", "Attrited Customer"),
            "Customer_Age": _whole(26, 73),
            "Months_on_book": _whole(13, 56),
            "Total_Relationship_Count": _whole(1, 6),
            "Credit_Limit": _number(1400, 34000),
            "Total_Trans_Amt": _whole(510, 18000),
        },
    ),
    "subscribers": (
        "customer_churn",
        {
            "CustID": _text("C-"),
            "Signup Date": _day(),
            "Last Login": _day("2022-01-01"),
            "Plan Type": _of("basic", "pro"),
            "MonthlyCharge($)": _number(5, 90),
            "Churn?": _of("Y", "N"),
        },
    ),
    "delinquency": (
        "payment_default",
        {
            "Unnamed: 0": _serial(1),
            "SeriousDlqin2yrs": _of(0, 1),
            "RevolvingUtilizationOfUnsecuredLines": _number(0, 1),
            "age": _whole(21, 90),
            "DebtRatio": _number(0, 2),
            "MonthlyIncome": _number(900, 20000),
            "NumberOfDependents": _whole(0, 6),
        },
    ),
    "staff": (
        "employee_retention",
        {
            "satisfaction_level": _number(0, 1),
            "last_evaluation": _number(0, 1),
            "number_project": _whole(2, 7),
            "average_montly_hours": _whole(96, 310),
            "time_spend_company": _whole(2, 10),
            "Work_accident": _of(0, 1),
            "left": _of(0, 1),
            "promotion_last_5years": _of(0, 1),
            "department": _of("sales", "it", "hr"),
            "salary": _of("low", "medium", "high"),
        },
    ),
    "payments": (
        "fraud_detection",
        {
            "step": _whole(1, 700),
            "type": _of("PAYMENT", "TRANSFER", "CASH_OUT"),
            "amount": _number(1, 1e6),
            "nameOrig": _text("C"),
            "oldbalanceOrg": _number(0, 1e6),
            "nameDest": _text("M"),
            "isFraud": _of(0, 0, 0, 1),
        },
    ),
    "shipments": (
        "delivery_delay",
        {
            "Order ID": _serial(),
            "Shipping Date": _day(),
            "Shipping Mode": _of("First Class", "Same Day"),
            "Days for shipment (scheduled)": _whole(1, 5),
            "Late_delivery_risk": _of(0, 1),
            "Order Region": _of("West", "East"),
        },
    ),
    "weekly_sales": (
        "revenue_forecast",
        {
            "Store": lambda draws: [row % 4 + 1 for row in range(ROWS)],
            "Date": _day(days=ROWS // 4),
            "Daily Sales": _number(2e5, 2e6),
            "Temperature": _number(-5, 35),
        },
    ),
    "leads": (
        "lead_scoring",
        {
            "Prospect ID": _text("7927b2df-"),
            "Lead Number": _serial(579_533),
            "Lead Origin": _of("API", "Landing Page Submission"),
            "Lead Source": _of("Google", "Direct Traffic", "Chat"),
            "Converted": _of(0, 1),
            "TotalVisits": _whole(0, 20),
            "What is your current occupation": _of("Student", "Unemployed"),
        },
    ),
    "motor_claims": (
        "insurance_claims",
        {
            "IDpol": _serial(1),
            "ClaimNb": _of(0, 0, 0, 1, 2),
            "Exposure": _number(0.05, 1.0),
            "Area": _of("A", "B", "C"),
            "VehAge": _whole(0, 20),
            "DrivAge": _whole(18, 80),
            "BonusMalus": _whole(50, 150),
        },
    ),
    "news": (
        "viral_potential",
        {
            "url": _text("http://example.org/"),
            "n_tokens_content": _whole(50, 2000),
            "num_imgs": _whole(0, 30),
            "num_videos": _whole(0, 5),
            "is_weekend": _of(0, 1),
            "shares": lambda draws: np.exp(draws.normal(8.0, 1.5, ROWS)).astype(int).tolist(),
        },
    ),
    "matches": (
        "match_outcome",
        {
            "Date": _day(),
            "HomeTeam": _of("Ajax", "Celtic", "Porto"),
            "AwayTeam": _of("Lyon", "Basel", "Genk"),
            "HomeGoals": _whole(0, 5),
            "AwayGoals": _whole(0, 5),
        },
    ),
    "views": (
        "content_engagement",
        {
            "UserID": _whole(1, 40),
            "MovieID": _whole(1, 300),
            "Rating": _of(1.0, 2.0, 3.0, 4.0, 5.0),
            "Timestamp": _day(),
        },
    ),
}


def table_of(name: str) -> pa.Table:
    """The table of a name, with the same values every time."""
    draws = np.random.default_rng(0)
    return pa.table({column: draw(draws) for column, draw in SPELLINGS[name][1].items()})
