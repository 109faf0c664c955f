"""The right blueprint comes first, and nothing doubtful is taken without asking."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc_csv
import pytest

from tests.analysis.headers import HEADERS
from tests.analysis.headers import table_of as table_of_header
from tests.spellings import ROWS, SPELLINGS, table_of
from tracer_ray.analysis.judging import Archive
from tracer_ray.analysis.names import Certainty, likeness
from tracer_ray.analysis.profile import profile
from tracer_ray.analysis.report import Analysis, analyze_samples
from tracer_ray.analysis.samples import sample_files, sample_table
from tracer_ray.analysis.suggestion import FITS_WELL, Suggestion
from tracer_ray.archive import blueprint
from tracer_ray.data.matching import is_counted

# the first suggestion for each folder of real data, "" where no blueprint should fit well
EXPECTED = {
    "bank_marketing_leads": "lead_scoring",
    "bike_sharing_hourly": "product_demand",
    "cookie_cats_retention": "player_churn",
    "credit_card_default": "payment_default",
    "ethereum_gas_daily": "gas_price_forecast",
    "dominicks_beer": "price_elasticity",
    "support_tickets": "support_volume",
    "crypto_ohlcv": "price_movement",
    "equities_sp500_5yr": "price_movement",
    "flight_delays_nyc2013": "delivery_delay",
    "football_matches_odds": "match_outcome",
    "hr_attrition_synthetic": "employee_retention",
    "insurance_caravan": "upsell_likelihood",
    "lol_pro_games": "match_outcome",
    "movielens_small": "content_engagement",
    "nba_games_odds": "match_outcome",
    "nba_player_box_scores_recent": "player_props",
    "online_shoppers_intention": "cart_abandonment",
    "rossmann_store_sales": "revenue_forecast",
    "telco_churn": "customer_churn",
    "tennis_atp": "match_outcome",
    "valorant_vct": "match_outcome",
    "vehicle_claim_fraud": "fraud_detection",
}


def analysis_of(**columns: object) -> Analysis:
    return analyze_samples([sample_table(pa.table(columns))])


def suggested(analysis: Analysis, blueprint: str) -> Suggestion:
    return next(each for each in analysis.suggestions if each.blueprint == blueprint)


def flags(seed: int = 0) -> list[str]:
    return ["Yes" if each < 0.3 else "No" for each in np.random.default_rng(seed).random(ROWS)]


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_right_blueprint_is_first_in_other_spellings(name: str) -> None:
    expected, _ = SPELLINGS[name]
    found = analyze_samples([sample_table(table_of(name))])
    assert found.suggestions[0].blueprint == expected


@pytest.mark.parametrize("name", HEADERS)
def test_the_right_blueprint_is_first_in_other_languages_and_trades(name: str) -> None:
    header = HEADERS[name]
    found = analyze_samples([sample_table(table_of_header(name))])
    assert (found.best.blueprint if found.best else "") in header.right
    mapping = found.best.mapping if found.best else {}
    assert {**mapping, **dict(header.sure)} == mapping
    assert not set(header.wrong) & mapping.items()


def purchases(days: int, each: int = 6) -> Analysis:
    """A log of 80 customers with so many purchases each, within so many days."""
    random = np.random.default_rng(0)
    names = np.repeat([f"C{place:03d}" for place in range(80)], each)
    when = np.datetime64("2024-01-01") + random.integers(0, days, len(names))
    spent = random.gamma(2.0, 30.0, len(names)).round(2)
    return analysis_of(**{"Customer No": names, "InvoiceDate": when, "Betrag": spent})


def test_a_log_of_purchases_can_tell_who_goes_silent() -> None:
    log = suggested(purchases(400), "customer_churn")
    assert log.mapping["customer_id"] == "Customer No"
    assert log.mapping["date"] == "InvoiceDate"
    assert dict(log.settings) == {"churn_definition": "no_activity_30_days"}
    assert log.is_ready
    assert log.score >= FITS_WELL


def test_a_log_of_sessions_can_tell_which_players_go_silent() -> None:
    starts = np.datetime64("2024-01-01", "s") + np.arange(4000) * np.timedelta64(3600, "s")
    players = [f"p{n * 7919 % 500}" for n in range(4000)]
    best = analysis_of(user_id=players, session_start=starts, minutes=[9.0] * 4000).best
    assert best
    assert best.blueprint == "player_churn"
    assert dict(best.settings) == {"churn_definition": "no_activity_7_days"}
    assert best.is_ready


def test_a_row_of_each_team_is_a_match_and_one_of_each_player_is_none() -> None:
    days = [f"2024-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(200)]
    rows = {
        "date": days * 2,
        "team": ["A", "B"] * 100 + ["B", "A"] * 100,
        "opponent": ["B", "A"] * 100 + ["A", "B"] * 100,
        "result": ["W", "L"] * 100 + ["L", "W"] * 100,
    }
    best = analysis_of(**rows).best
    assert best
    assert (best.blueprint, best.is_ready) == ("match_outcome", True)
    maps = {name: values[:200] * 3 for name, values in rows.items()} | {
        "match_id": list(map(str, range(600)))
    }
    assert not suggested(analysis_of(**maps), "match_outcome").problems
    of_players = {name: values * 3 for name, values in rows.items()}
    matches = suggested(analysis_of(**of_players), "match_outcome")
    assert "several rows for each 'team' and 'opponent' of one time" in matches.problems[0]


def test_a_status_says_churn_in_words_and_only_where_nothing_plainer_does() -> None:
    rows = {"customer_id": list(map(str, range(ROWS))), "tenure": list(range(ROWS))}
    left = [each == "Yes" for each in flags()]
    words = ["Cancelled" if each else "Active" for each in left]
    by_words = suggested(analysis_of(**rows, subscription_status=words), "customer_churn")
    assert by_words.ask == (("churned", ("subscription_status",)),)
    assert not by_words.problems
    kind = ["premium" if each else "basic" for each in left[::-1]]
    plainer = analysis_of(**rows, account_status=kind, retained=[int(not each) for each in left])
    assert suggested(plainer, "customer_churn").ask == (("churned", ("retained",)),)


def test_a_limit_is_chosen_that_parts_the_rows() -> None:
    views = [int(each) for each in np.geomspace(2_000, 9e6, ROWS)]
    posts = {
        "video_id": list(map(str, range(ROWS))),
        "published_at": ["2024-01-01"] * ROWS,
        "followers": views[::-1],
        "hashtags": [1, 2] * (ROWS // 2),
    }
    best = analysis_of(**posts, view_count=views).best
    assert best
    assert (best.name, best.mapping["viral"]) == (
        "viral_potential viral_above=1000000",
        "view_count",
    )
    usual = analysis_of(**posts, view_count=[each // 100 for each in views]).best
    assert usual
    assert usual.name == "viral_potential"


def test_a_log_too_short_to_be_divided_is_told_so() -> None:
    (problem,) = suggested(purchases(90), "customer_churn").problems
    assert "about 270 are needed" in problem


def test_one_row_per_customer_is_no_log() -> None:
    names = [each.name for each in purchases(400, each=1).suggestions]
    assert "customer_churn churn_definition=no_activity_30_days" not in names


def test_a_mere_y_is_asked_about_where_nothing_else_is_of_the_field() -> None:
    found = analysis_of(
        age=np.arange(ROWS) % 60 + 18.5, performance=np.linspace(-1, 1, ROWS), y=flags()
    )
    assert found.best is None
    assert all("y" not in each.mapping.values() for each in found.suggestions)


def test_the_only_time_needs_no_more_than_a_word_for_it() -> None:
    days = np.repeat(np.arange("2020-01-01", "2020-12-31", dtype="datetime64[D]"), 3)
    units = np.random.default_rng(0).poisson(20, len(days))
    products = np.tile(["a", "b", "c"], len(days) // 3)
    log = suggested(analysis_of(datetime=days, product=products, units=units), "product_demand")
    assert log.mapping["date"] == "datetime"
    more = analysis_of(datetime=days, loaded=days + 1, product=products, units=units)
    assert "date" in dict(suggested(more, "product_demand").ask)


def test_what_would_be_added_up_though_the_data_tell_it_apart_is_said() -> None:
    found = analyze_samples([sample_table(table_of_header("units of items per store"))])
    takings = suggested(found, "revenue_forecast")
    assert takings.reason.endswith("rows of one day with another 'item' are added up")
    assert found.suggestions[0].score > takings.score


def test_sales_with_fractions_are_no_sure_count_of_units() -> None:
    """Of each product: units by weight, or money; only the user knows."""
    days = [f"2024-01-{1 + row % 28:02d}" for row in range(ROWS)]
    found = analysis_of(
        date=days,
        item=[f"i{row // 28}" for row in range(ROWS)],
        sales=np.random.default_rng(0).uniform(0, 90, ROWS),
    )
    best = suggested(found, "product_demand")
    assert best.ask == (("units", ("sales",)),)
    assert "units" not in best.mapping


def test_the_number_of_a_ticket_counts_one_a_row_whatever_it_is() -> None:
    days = [f"2023-{1 + row // 28 % 12:02d}-{1 + row % 28:02d}" for row in range(ROWS)]
    found = analysis_of(**{"Opened At": days, "Ticket #": list(range(ROWS)), "Queue": ["a"] * ROWS})
    volume = suggested(found, "support_volume")
    assert volume.mapping["contacts"] == "Ticket #"
    assert is_counted(blueprint("support_volume").column("contacts"), "Ticket #")


def test_a_plain_id_counts_what_the_file_is_named_after() -> None:
    days = [f"2023-{1 + row // 28 % 12:02d}-{1 + row % 28:02d}" for row in range(ROWS)]
    log = pa.table({"Id": list(range(ROWS)), "Created": days, "Subject": ["a", "b"] * (ROWS // 2)})
    volume = suggested(analyze_samples([sample_table(log, "Tickets-2023.csv")]), "support_volume")
    assert (volume.mapping["contacts"], volume.is_ready) == ("Id", True)
    other = analyze_samples([sample_table(log, "orders.csv")])
    assert all(each.mapping.get("contacts") != "Id" for each in other.suggestions)


def test_a_flag_with_a_span_may_be_what_was_and_is_asked_for() -> None:
    wallets = {"wallet": np.arange(ROWS), "balance_usd": np.linspace(1, 9, ROWS)}
    past = suggested(analysis_of(**wallets, sold_72h=flags()), "whale_behavior")
    assert dict(past.ask) == {"moves": ("sold_72h",)}
    ahead = suggested(analysis_of(**wallets, sold_next_72h=flags()), "whale_behavior")
    assert ahead.mapping["moves"] == "sold_next_72h"


def test_numbers_that_are_all_dates_are_times() -> None:
    days = np.arange("2023-01-01", "2024-04-25", dtype="datetime64[D]")[:ROWS]
    numbers = [int(str(day).replace("-", "")) for day in days]
    found = suggested(
        analysis_of(yyyyMMdd=numbers, net_sales=np.linspace(1, 9, ROWS)), "revenue_forecast"
    )
    assert dict(found.ask)["date"] == ("yyyyMMdd",)


def test_hours_of_gas_prices_are_a_daily_series() -> None:
    hours = np.arange("2023-01-01", "2023-01-21", dtype="datetime64[h]").astype("datetime64[s]")
    found = analysis_of(block_time=hours, base_fee_per_gas=np.linspace(10, 50, len(hours)))
    assert suggested(found, "gas_price_forecast").is_ready


def test_a_log_with_a_row_per_ticket_tells_how_many_come_in() -> None:
    days = [f"2023-{1 + row // 28 % 12:02d}-{1 + row % 28:02d}" for row in range(ROWS)]
    ids = [f"T{row}" for row in range(ROWS)]
    found = analysis_of(created_at=days, ticket_id=ids, priority=["low", "high"] * (ROWS // 2))
    first = found.suggestions[0]
    assert (first.blueprint, first.ask, first.problems) == ("support_volume", (), ())
    assert first.mapping == {"time": "created_at", "contacts": "ticket_id"}
    steps = suggested(
        analysis_of(created_at=days, case_id=ids[:50] * (ROWS // 50)), "support_volume"
    )
    assert steps.problems == (
        "there are several rows for each 'case_id', which counts one a row: keep its first",
    )


def test_a_bank_statement_tells_what_is_paid_in_and_out_by_words_or_signs() -> None:
    draws = np.random.default_rng(8)
    days = np.datetime64("2023-01-01") + np.arange(ROWS)
    amounts = draws.uniform(1, 900, ROWS)
    types = draws.choice(["Debit", "Credit"], ROWS)
    first = analysis_of(Date=days, Amount=amounts, Type=types).suggestions[0]
    assert (first.blueprint, first.ask) == ("cash_flow_forecast", ())
    assert first.mapping == {"date": "Date", "inflow": "Amount", "outflow": "Amount"}
    signed = suggested(analysis_of(Date=days, Amount=amounts - 400), "cash_flow_forecast")
    assert dict(signed.ask) == {"inflow": ("Amount",), "outflow": ("Amount",)}
    alike = suggested(analysis_of(Date=days, Amount=amounts), "cash_flow_forecast")
    assert alike.problems == (
        "'Amount' has one sign only, and no column says what is paid in or out",
    )


def test_takings_that_are_often_below_zero_are_asked_for() -> None:
    """A bank says payments in and out in one column; who knows that they are takings says so."""
    draws = np.random.default_rng(9)
    days = np.datetime64("2023-01-01") + np.arange(ROWS)
    table = pa.table({"Date": days, "Net Revenue": draws.uniform(1, 900, ROWS) - 200})
    takings = suggested(analyze_samples([sample_table(table)]), "revenue_forecast")
    assert dict(takings.ask) == {"revenue": ("Net Revenue",)}
    told = analyze_samples([sample_table(table)], {"revenue": "Net Revenue"})
    assert suggested(told, "revenue_forecast").ask == ()


def test_a_number_of_days_or_percent_is_no_payment() -> None:
    days = np.datetime64("2023-01-01") + np.arange(ROWS)
    plans = np.random.default_rng(5).choice([7, 30, 90], ROWS)
    found = analysis_of(date=days, payment_plan_days=plans, payment_discount_pct=plans / 9)
    asked = {name for each in found.suggestions for _, names in each.ask for name in names}
    assert not asked & {"payment_plan_days", "payment_discount_pct"}
    window = analysis_of(customer_id=list(range(ROWS)), revenue_next_90_days=plans * 1.5)
    worth = suggested(window, "customer_lifetime_value")
    assert worth.mapping["future_value"] == "revenue_next_90_days"


def test_a_name_that_says_a_currency_is_no_sure_count_of_units() -> None:
    found = analyze_samples([sample_table(table_of_header("Ventas en euros"))])
    demand = suggested(found, "product_demand")
    assert demand.ask == (("units", ("Ventas (EUR)",)),)


@pytest.mark.parametrize("folder", EXPECTED)
def test_the_right_blueprint_is_first_on_real_data(folder: str, shared_data: Path) -> None:
    found = analyze_samples(sample_files([str(shared_data / folder)]))
    assert (found.best.blueprint if found.best else "") == EXPECTED[folder]


def test_a_sure_spelling_is_applied_and_told_to_the_command() -> None:
    best = analyze_samples([sample_table(table_of("subscribers"), "x")]).suggestions[0]
    assert best.apply == {"monthly_charges": "MonthlyCharge($)"}
    assert best.mapping["customer_id"] == "CustID"
    assert best.mapping["churned"] == "Churn?"


def test_what_the_user_says_is_neither_asked_nor_replaced() -> None:
    table = table_of("telecom")
    found = analyze_samples([sample_table(table)], {"customer_id": "Phone number"})
    best = suggested(found, "customer_churn")
    assert best.is_ready
    assert best.mapping["customer_id"] == "Phone number"


def test_a_column_that_fits_by_its_values_only_is_asked_for_and_never_applied() -> None:
    draws = np.random.default_rng(4)
    best = suggested(
        analysis_of(
            date=np.datetime64("2022-01-01") + np.arange(ROWS) // 4,
            price=draws.uniform(1, 5, ROWS),
            quantity_sold=draws.integers(1, 90, ROWS),
            **{"Shelf number": [7, 11, 13, 19] * (ROWS // 4)},
        ),
        "price_elasticity",
    )
    assert best.ask == (("product_id", ("Shelf number",)),)
    assert "product_id" not in best.mapping
    assert not best.is_ready


@pytest.mark.parametrize("name", ["no_churn", "not churned", "non-churn"])
def test_a_name_that_says_the_opposite_is_no_match(name: str) -> None:
    assert likeness(name, ["churn", "churned"]) is Certainty.NONE


def test_a_match_without_a_known_name_for_its_time_is_asked_about_it() -> None:
    draws = np.random.default_rng(0)
    found = analysis_of(
        played=[f"2024-{1 + row // 28 % 12:02d}-{1 + row % 28:02d}" for row in range(ROWS)],
        team1=draws.choice(["A", "B", "C"], ROWS),
        team2=draws.choice(["D", "E", "F"], ROWS),
        FTHG=draws.integers(0, 5, ROWS),
        FTAG=draws.integers(0, 5, ROWS),
    )
    best = found.suggestions[0]
    assert best.blueprint == "match_outcome"
    assert best.ask == (("match_time", ("played",)),)


def test_another_way_to_say_a_flag_is_taken_under_its_exact_name_only() -> None:
    """`paid` says the opposite of a default; a name that is merely like it might say either."""
    found = analysis_of(loan_id=list(range(ROWS)), paid_flag=flags(), age=list(range(ROWS)))
    defaults = [each for each in found.suggestions if each.blueprint == "payment_default"]
    assert all("defaulted" not in {*each.mapping, *dict(each.ask)} for each in defaults)
    assert all("rename it to 'defaulted' or 'paid'" in str(each.problems) for each in defaults)
    assert not any(each.is_ready or each.score >= FITS_WELL for each in defaults)


def test_another_way_to_say_a_flag_is_asked_about_where_nothing_else_is_of_that_field() -> None:
    """Passengers survive as well as loans do."""
    ages = np.random.default_rng(0).integers(1, 80, ROWS)
    found = analysis_of(PassengerId=list(range(ROWS)), Survived=flags(), Age=ages, Fare=ages * 2.5)
    assert all("liquidated" not in each.mapping for each in found.suggestions)
    assert all(each.score < FITS_WELL for each in found.suggestions)
    loans = analysis_of(
        position_id=list(range(ROWS)),
        survived=flags(),
        health_factor=1.0 + ages / 80,
        debt_usd=ages * 100.0,
        collateral_usd=ages * 150.0,
    )
    assert loans.suggestions[0].blueprint == "liquidation_risk"
    assert loans.suggestions[0].ask == ()


def test_an_outcome_that_is_merely_called_one_is_asked_about_where_the_field_is_told() -> None:
    """Loans with a `class`, good or bad, are told by their other columns."""
    draws = np.random.default_rng(2)
    found = analysis_of(
        checking_status=draws.choice(["none", "low", "high"], ROWS),
        credit_history=draws.choice(["paid", "delayed"], ROWS),
        purpose=draws.choice(["car", "radio"], ROWS),
        credit_amount=draws.integers(500, 9000, ROWS),
        **{"class": draws.choice(["good", "bad"], ROWS)},
    )
    first = found.suggestions[0]
    assert first.blueprint == "payment_default"
    assert first.score >= FITS_WELL
    assert dict(first.ask) == {"defaulted": ("class",)}


def test_what_lacks_an_outcome_is_nearest_to_what_it_is_about() -> None:
    """Plays say neither who listened nor what was liked, and are still no prices or carts."""
    found = analysis_of(
        artist=[f"A{row % 40}" for row in range(ROWS)],
        album=[f"L{row % 90}" for row in range(ROWS)],
        ms_played=np.random.default_rng(4).integers(1000, 300000, ROWS),
    )
    first = found.suggestions[0]
    assert first.blueprint == "content_engagement"
    assert first.score < FITS_WELL
    assert "its field is told by" in first.reason
    assert all(f"{name!r}" in first.reason for name in ("artist", "album"))
    assert first.missing


def test_a_number_of_things_is_no_owner_of_a_history() -> None:
    """`NumStorePurchases` counts, and names no store."""
    draws = np.random.default_rng(3)
    found = analysis_of(
        day=np.datetime64("2022-01-01") + np.arange(ROWS),
        Revenue=draws.integers(100, 900, ROWS),
        NumStorePurchases=draws.integers(0, 14, ROWS),
    )
    assert found.suggestions[0].blueprint == "revenue_forecast"
    assert found.suggestions[0].ask == ()


def test_a_key_with_a_word_of_the_field_tells_what_a_flag_is_about() -> None:
    """`converted` is said of leads and of visits; the id of a visit tells which."""
    draws = np.random.default_rng(5)
    found = analysis_of(
        session_id=[f"s{row}" for row in range(ROWS)],
        session_date=np.datetime64("2024-01-01") + np.arange(ROWS) // 9,
        source=draws.choice(["ads", "mail"], ROWS),
        page_views=draws.integers(1, 30, ROWS),
        converted=draws.integers(0, 2, ROWS),
    )
    first = found.suggestions[0]
    assert (first.blueprint, first.ask) == ("cart_abandonment", ())


def test_an_amount_that_is_mostly_0_is_no_flag() -> None:
    revenue = [0.0] * (ROWS - 9) + [19.5 + row for row in range(9)]
    visits = {"session_id": [f"s{row}" for row in range(ROWS)], "bounce_rate": [0.5] * ROWS}
    found = analysis_of(**visits, revenue=revenue)
    problems = suggested(found, "cart_abandonment").problems
    assert problems == ("'revenue' is a number and no flag: 0, 19.5, 20.5",)


def test_prices_that_never_change_teach_nothing_of_prices() -> None:
    draws = np.random.default_rng(6)
    found = analysis_of(
        product_id=["a", "b"] * (ROWS // 2),
        price=[4.0, 9.0] * (ROWS // 2),
        quantity_sold=draws.integers(1, 90, ROWS),
    )
    problems = suggested(found, "price_elasticity").problems
    assert problems == ("'price' never changes for any 'product_id': its effect can't be learned",)


def test_a_score_or_a_reason_of_churn_is_not_the_churn_flag() -> None:
    draws = np.random.default_rng(1)
    found = analysis_of(
        customer_id=list(range(ROWS)),
        churn_score=draws.integers(1, 100, ROWS),
        churn_reason=draws.choice(["moved", "price", "service"], ROWS),
        tenure=draws.integers(0, 70, ROWS),
    )
    assert all("churned" not in each.mapping for each in found.suggestions)


def test_columns_that_tell_the_outcome_are_named_and_dropped() -> None:
    churned = flags()
    found = analysis_of(
        CustomerID=list(range(ROWS)),
        **{
            "Churn Label": churned,
            "Churn Value": [int(each == "Yes") for each in churned],
            "Churn Reason": ["moved" if each == "Yes" else None for each in churned],
            "Tenure Months": np.random.default_rng(2).integers(0, 70, ROWS),
        },
    )
    best = found.suggestions[0]
    assert best.mapping["churned"] == "Churn Label"
    assert set(best.drop) == {"Churn Value", "Churn Reason"}


def test_an_optional_column_that_is_not_what_its_name_says_is_dropped() -> None:
    best = analyze_samples([sample_table(table_of("staff"))]).suggestions[0]
    assert best.drop == ("salary",)
    assert best.is_ready


def test_a_flag_in_words_that_nobody_declared_is_a_problem_that_shows_them() -> None:
    ages = np.random.default_rng(0).integers(18, 80, ROWS)
    words = ["red" if each == "Yes" else "blue" for each in flags()]
    found = analysis_of(customer_id=list(range(ROWS)), churn=words, tenure=ages)
    best = suggested(found, "customer_churn")
    assert not best.is_ready
    assert "red" in best.problems[0]


@pytest.mark.parametrize(
    ("blueprint", "column", "yes", "no", "other"),
    [
        ("payment_default", "default", "Bad", "Good", "limit_bal"),
        ("delivery_delay", "late", "delayed", "On-Time", "carrier"),
        ("customer_churn", "Churn?", "Left", "Stayed", "tenure"),
    ],
)
def test_a_flag_may_be_said_in_the_words_that_its_blueprint_has_for_it(
    blueprint: str, column: str, yes: str, no: str, other: str
) -> None:
    said = [yes if each == "Yes" else no for each in flags()]
    ages = np.random.default_rng(0).integers(18, 80, ROWS)
    found = analysis_of(id=list(range(ROWS)), **{column: said, other: ages})
    assert column in suggested(found, blueprint).mapping.values()
    with_third = analysis_of(id=list(range(ROWS)), **{column: ["maybe", *said[1:]], other: ages})
    assert suggested(with_third, blueprint).problems


def test_dates_that_are_not_read_are_told_with_the_way_to_write_them() -> None:
    found = analysis_of(
        date=[f"{1 + row % 12}/{1 + row % 5}/{2000 + row // 12}" for row in range(ROWS)],
        sales=np.random.default_rng(0).random(ROWS),
    )
    assert "write them as 2024-01-31" in suggested(found, "revenue_forecast").problems[0]


def test_several_rows_a_day_are_no_daily_series_where_they_are_not_added_up() -> None:
    days = [f"2024-01-{1 + row % 28:02d}" for row in range(ROWS)]
    sample = sample_table(pa.table({"date": days, "gas_price": np.linspace(1, 9, ROWS)}))
    averaged = blueprint("gas_price_forecast")
    single = replace(averaged, averages=())
    archive = Archive([averaged])
    (problem,) = archive.suggest(averaged, profile(sample), sample.table).problems
    assert "several rows of one 'date'" in problem
    (problem,) = archive.suggest(single, profile(sample), sample.table).problems
    assert "several rows a day" in problem


def test_several_rows_for_each_customer_are_no_snapshot() -> None:
    found = analysis_of(customer_id=[row % 40 for row in range(ROWS)], churn=flags())
    assert "several rows" in suggested(found, "customer_churn").problems[0]


def test_files_that_belong_together_are_joined_by_their_keys() -> None:
    draws = np.random.default_rng(0)
    customers = pa.table({"customer_id": [f"c{row}" for row in range(50)]})
    tickets = pa.table({"CustID": [f"c{row}" for row in draws.integers(0, 50, 300)]})
    samples = [sample_table(customers, "customers"), sample_table(tickets, "tickets")]
    (join,) = analyze_samples(samples).joins
    assert (join.left_column, join.right_column) == ("customer_id", "CustID")
    assert join.cardinality == "one to many"


def test_the_next_command_says_all_that_was_found(tmp_path: Path) -> None:
    file = tmp_path / "our staff.csv"
    pc_csv.write_csv(table_of("staff"), file)
    (best, *_) = analyze_samples(sample_files([str(file)])).suggestions
    words = shlex.split(best.next_command)
    assert words[:3] == ["tracer", "deploy", str(file)]
    assert words[words.index("--drop") + 1] == "salary"


def test_an_analysis_shows_itself_in_a_notebook() -> None:
    html = analyze_samples([sample_table(table_of("leads"))])._repr_html_()
    assert "lead_scoring" in html
    assert "<table>" in html


def test_what_is_cancelled_is_asked_for_unless_it_stands_beside_the_field() -> None:
    """Flights, bookings and orders are cancelled as well as contracts are."""
    rng = np.random.default_rng(0)
    flights = analysis_of(
        FL_DATE=[f"2024-01-{1 + row % 28:02d}" for row in range(ROWS)],
        CANCELLED=rng.integers(0, 2, ROWS),
        DISTANCE=rng.integers(100, 900, ROWS),
    )
    contracts = analysis_of(
        CANCELLED=rng.integers(0, 2, ROWS),
        tenure_months=rng.integers(0, 60, ROWS),
        monthly_charges=rng.gamma(2.0, 20.0, ROWS),
        contract=["monthly", "yearly"] * (ROWS // 2),
    )
    assert ("churned", ("CANCELLED",)) in suggested(flights, "customer_churn").ask
    assert suggested(contracts, "customer_churn").ask == ()


def test_a_status_in_the_words_of_an_outcome_is_taken() -> None:
    draws = np.random.default_rng(3)
    best = analysis_of(
        **{"Employee ID": np.arange(ROWS) * 7 + 100_000, "Department": ["HR", "IT"] * (ROWS // 2)},
        Salary=draws.normal(4_000, 900, ROWS).round(),
        Overtime=flags(),
        Status=draws.choice(["Active", "Terminated", "On leave", "Resigned"], ROWS),
    ).suggestions[0]
    assert (best.blueprint, best.apply, best.ask) == ("employee_retention", {"left": "Status"}, ())


def test_a_date_that_is_filled_for_those_who_left_says_who_left() -> None:
    left = np.random.default_rng(3).random(ROWS) < 0.3
    best = analysis_of(
        **{"Employee ID": np.arange(ROWS) * 7 + 100_000, "Department": ["HR", "IT"] * (ROWS // 2)},
        Salary=np.random.default_rng(4).normal(4_000, 900, ROWS).round(),
        **{"Termination Date": ["2023-05-31" if each else "NA" for each in left]},
    ).suggestions[0]
    assert (best.blueprint, best.mapping["left"]) == ("employee_retention", "Termination Date")
    assert best.is_ready


def deals(**columns: object) -> Suggestion:
    """What is suggested for deals, of which a third are open."""
    draws = np.random.default_rng(8)
    stage = draws.choice(["Closed Won", "Closed Lost", "Negotiation"], ROWS)
    return suggested(
        analysis_of(
            **{
                "Opportunity ID": np.arange(ROWS) * 7 + 100_000,
                "Industry": ["a", "b"] * (ROWS // 2),
            },
            **{"Lead Source": draws.choice(["web", "fair"], ROWS)},
            won_date=["2023-05-31" if each == "Closed Won" else None for each in stage],
            **({"Stage": stage} | columns),
        ),
        "lead_scoring",
    )


def test_a_status_tells_more_than_a_date_of_those_who_said_yes() -> None:
    assert deals().apply == {"converted": "Stage"}
    assert deals(Stage=["x"] * ROWS).mapping["converted"] == "won_date"


def test_a_reason_that_only_the_lost_have_is_a_leak_while_others_are_open() -> None:
    """Those that are open have no reason either, and no outcome that it could tell."""
    stage = np.random.default_rng(8).choice(["Closed Won", "Closed Lost", "Negotiation"], ROWS)
    reason = ["Price" if each == "Closed Lost" else None for each in stage]
    assert "Why not" in deals(Stage=stage, **{"Why not": reason}).drop


def test_dates_yet_to_come_are_planned_and_say_nothing() -> None:
    ends = ["2099-12-31" if each % 3 else None for each in range(ROWS)]
    best = suggested(analysis_of(employee_id=np.arange(ROWS), exit_date=ends), "employee_retention")
    assert best.problems == ("'exit_date' has times yet to come, of what is planned",)


def test_a_date_that_all_have_says_nothing() -> None:
    days = np.datetime64("2024-01-01") + np.arange(ROWS) % 300
    best = suggested(analysis_of(employee_id=np.arange(ROWS), exit_date=days), "employee_retention")
    assert best.problems == ("'exit_date' is filled in every row",)


def test_a_window_in_the_name_of_an_outcome_makes_no_doubt() -> None:
    """What is told of the time to come is an outcome, and never known before."""
    draws = np.random.default_rng(3)
    best = analysis_of(
        player_id=np.arange(ROWS) * 3 + 100_000,
        sessions_next_7d=draws.poisson(3.0, ROWS),
        shop_views=draws.poisson(2.0, ROWS),
        converted_next_30d=flags(),
    ).suggestions[0]
    assert best.blueprint == "monetization_likelihood"
    assert best.apply == {"paid": "converted_next_30d"}


def test_lines_of_orders_are_no_demand_at_a_price() -> None:
    draws = np.random.default_rng(5)
    best = suggested(
        analysis_of(
            **{"Invoice ID": np.arange(ROWS) // 3, "Product": ["a", "b"] * (ROWS // 2)},
            **{"Unit price": draws.uniform(1, 5, ROWS), "Quantity": draws.integers(1, 5, ROWS)},
            Date=np.datetime64("2023-01-01") + np.arange(ROWS) // 20,
        ),
        "price_elasticity",
    )
    assert best.problems == (
        "there are several rows for each 'Product' of one day, as of orders; one is expected: add "
        "them up first",
    )


def test_calls_without_an_id_are_counted_by_their_times() -> None:
    draws = np.random.default_rng(6)
    minutes = np.sort(draws.integers(0, 60 * 24 * 90, ROWS)).astype("timedelta64[m]")
    best = analysis_of(
        call_timestamp=(np.datetime64("2024-01-01T00:00") + minutes).astype("datetime64[s]"),
        reason=draws.choice(["Billing", "Outage"], ROWS),
        csat_score=draws.integers(1, 10, ROWS),
    ).suggestions[0]
    assert best.blueprint == "support_volume"
    assert best.mapping["contacts"] == best.mapping["time"] == "call_timestamp"


def test_days_count_no_calls() -> None:
    """A row a day is a sum, and its number of calls is in another column."""
    days = np.datetime64("2024-01-01") + np.arange(ROWS)
    draws = np.random.default_rng(6)
    found = analysis_of(ticket_created=days, agents=draws.integers(5, 9, ROWS))
    said = [each for each in found.suggestions if each.blueprint == "support_volume"]
    assert not any(each.is_ready for each in said)


def test_numbers_of_orders_are_no_count_and_numbers_of_customers_are() -> None:
    running = 7_000 + np.arange(ROWS) // 2
    days = np.datetime64("2023-01-01") + np.arange(ROWS)
    for name, is_count in (("N° commande", False), ("Number of orders", True)):
        found = analysis_of(**{"date": days, name: running, "size": ["S", "M"] * (ROWS // 2)})
        demand = [each for each in found.suggestions if each.blueprint == "product_demand"]
        told = [{*each.mapping.values(), *(n for _, ns in each.ask for n in ns)} for each in demand]
        assert any(name in each for each in told) is is_count


def test_the_lines_of_orders_are_no_things_of_their_own() -> None:
    lines = np.arange(ROWS) % 4 + 1
    found = analysis_of(
        line_no=lines,
        order_date=np.datetime64("2023-01-01") + np.arange(ROWS) // 4,
        size=["S", "M"] * (ROWS // 2),
        returned_flag=(np.arange(ROWS) % 5 == 0).astype(int),
    )
    returns = suggested(found, "return_likelihood")
    assert "line_no" not in returns.mapping.values()
    assert not returns.problems


def test_customers_who_churn_are_no_players_where_no_word_tells_of_a_game() -> None:
    churn = (np.arange(ROWS) % 3 == 0).astype(int)
    common = {"user_id": list(range(ROWS)), "region": ["a", "b"] * (ROWS // 2), "churn": churn}
    told = analysis_of(**common, level=np.arange(ROWS) % 9)
    untold = analysis_of(**common, tenure=np.arange(ROWS) % 9)
    assert suggested(told, "player_churn").score > suggested(told, "customer_churn").score
    assert suggested(untold, "player_churn").score < suggested(untold, "customer_churn").score


def test_the_status_of_a_loan_is_no_sure_status_of_a_customer() -> None:
    known = {
        "tenure": np.arange(ROWS) % 50,
        "monthly_charges": np.arange(ROWS) % 7 + 0.5,
        "contract": ["a", "b", "b"] * (ROWS // 3) + ["a"] * (ROWS % 3),
    }
    for name, is_sure in (("Status", True), ("LoanStatus", False)):
        found = analysis_of(**known, **{name: ["Active", "Closed"] * (ROWS // 2)})
        assert (name in suggested(found, "customer_churn").mapping.values()) is is_sure


def test_another_declared_name_is_used_where_the_first_does_not_fit() -> None:
    days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]").astype(str)
    teams = {"homeTeam": ["A", "B"] * 30, "awayTeam": ["B", "A"] * 30}
    found = analysis_of(date=days, startTime=["7:50 PM"] * 60, **teams, score=["2-1", "0-1"] * 30)
    assert found.best
    assert (found.best.blueprint, found.best.apply) == ("match_outcome", {"match_time": "date"})


def test_a_result_that_says_neither_who_won_nor_a_score_is_a_problem() -> None:
    days = np.arange("2024-01-01", "2024-03-01", dtype="datetime64[D]").astype(str)
    teams = {"team1": ["A", "B"] * 30, "team2": ["B", "A"] * 30}
    found = analysis_of(date=days, **teams, score=[7, 9] * 30)
    matches = suggested(found, "match_outcome")
    assert matches.problems == ("'score' says neither who won nor a score, as 2-1: 7, 9",)
    found = analysis_of(date=days, **teams, FT=["12-15", "3-3"] * 30)  # throws made, and tried
    matches = suggested(found, "match_outcome")
    assert matches.problems == ("by 'FT' one side always wins: 12-15, 3-3",)


def test_an_id_may_stand_first_in_its_name() -> None:
    players = profile(sample_table(pa.table({"idPlayer": [7, 7, 8, 9, 9, 9], "x": range(6)})))
    assert players.column("idPlayer").role == "entity"


def test_of_dates_one_that_is_not_read_is_shown() -> None:
    mixed = pa.table({"when": ["2024-01-31"] * 9 + ["23-01-21"]})
    note = profile(sample_table(mixed)).column("when").note
    assert note.startswith("dates like 23-01-21 are not read")
