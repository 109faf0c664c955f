"""Names are found, values are read or refused, and every refusal explains itself."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.payment_default import PAYMENT_DEFAULT
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Blueprint, Kind
from tracer_ray.blueprint_json import blueprint_from_json, blueprint_to_json, canonical
from tracer_ray.data.extras import Evidence, examine, extra_columns, merge
from tracer_ray.data.matching import match, refuse_missing, without_outcomes
from tracer_ray.data.resolution import resolve
from tracer_ray.data.schema import Normalised, normalise, raw_table
from tracer_ray.data.values import parse
from tracer_ray.errors import BlueprintError, SchemaError


def _read(**columns: list[object]) -> Normalised:
    table = raw_table(
        [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    )
    return normalise(table, match(PLAYER_PROPS, table.column_names))


def test_a_flag_is_read_from_its_own_words_and_the_opposite_of_them() -> None:
    table = raw_table([{"defaulted": "Bad"}, {"defaulted": "GOOD"}, {"defaulted": "ugly"}])
    read = normalise(table, match(PAYMENT_DEFAULT, table.column_names))
    assert read.good["defaulted"].to_pylist() == [1.0, 0.0]
    assert read.bad["reason"].to_pylist() == [
        "defaulted is not a flag (yes/no, true/false, 1/0): 'ugly'"
    ]
    opposite = raw_table([{"good": "good"}, {"good": "bad"}, {"good": "yes"}])
    read = normalise(opposite, match(PAYMENT_DEFAULT, opposite.column_names))
    assert read.good["defaulted"].to_pylist() == [0.0, 1.0, 0.0]


def test_a_missing_column_names_the_closest_ones() -> None:
    names = ("playr", "game_date", "pts")
    with pytest.raises(SchemaError) as caught:
        refuse_missing(PLAYER_PROPS, match(PLAYER_PROPS, names), names, "games.csv")
    text = str(caught.value)
    assert "games.csv: column 'player' is missing" in text
    assert "tried player, player_id, playerid, person_id" in text
    assert "closest present: playr" in text


@pytest.mark.parametrize("name", ["player_id", "Player ID", " PLAYERID", "player-id"])
def test_names_are_found_whatever_their_case_and_punctuation(name: str) -> None:
    assert match(PLAYER_PROPS, (name, "date")).mapping["player"] == name


def test_the_own_name_comes_before_aliases_and_the_choice_is_noted() -> None:
    plan = match(PLAYER_PROPS, ("person_id", "player_id", "player", "date"))
    assert plan.mapping["player"] == "player"
    assert plan.notes == ("player: read from 'player', not from 'player_id', 'person_id'",)


def test_a_mapping_overrides_every_name() -> None:
    plan = match(PLAYER_PROPS, ("player", "who", "date"), {"player": "who"})
    assert plan.mapping["player"] == "who"


def test_a_mapping_of_an_unknown_column_is_refused() -> None:
    with pytest.raises(SchemaError, match="no column 'ponits' to map; closest are points"):
        match(PLAYER_PROPS, ("player", "date"), {"ponits": "x"})


def test_a_table_that_lacks_most_required_columns_is_another_table() -> None:
    assert match(MATCH_OUTCOME, ("match_id", "map_index", "map")).is_other_table
    assert not match(PLAYER_PROPS, ("player", "points")).is_other_table


def test_requests_need_no_outcome() -> None:
    plan = match(MATCH_OUTCOME, ("team_a", "team_b", "date"))
    assert [missing.name for missing in plan.missing] == ["won"]
    assert not without_outcomes(MATCH_OUTCOME, plan).missing


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (" 1,234.5 ", 1234.5),
        ("€12", 12.0),
        ("$1,000,000", 1_000_000.0),
        ("-3", -3.0),
        ("-$5.20", -5.2),
        ("($1,250.00)", -1250.0),
        ("12.50-", -12.5),
        ("-5.3 %", -5.3),
        ("₹1,63,175.56", 163_175.56),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("n/a", None),
        ("", None),
    ],
)
def test_numbers_are_read_from_text(given: str, read: float | None) -> None:
    parsed = parse(pa.array([given]), Kind.NUMBER)
    assert parsed.values.to_pylist() == [read]
    assert not parsed.is_bad.any()


@pytest.mark.parametrize(
    "given", ["1,5", "12,34", "0,123", "12 apples", "1.2.3", "inf", "%", "(-3)", "-3-"]
)
def test_a_number_that_must_be_guessed_is_bad(given: str) -> None:
    assert parse(pa.array([given]), Kind.NUMBER).is_bad.tolist() == [True]


def test_minutes_on_the_court_may_be_those_of_a_clock() -> None:
    given = ["34:30", "12", "34.000000:15", None, "34:75"]
    table = pa.table({"player": ["a"] * 5, "game_date": ["2024-01-01"] * 5, "MIN": given})
    read = normalise(table, match(PLAYER_PROPS, table.column_names))
    assert read.good["minutes"].to_pylist() == [34.5, 12.0, 34.25, None]
    assert read.bad["reason"].to_pylist() == ["MIN (minutes) is not a finite number: '34:75'"]


def test_an_infinity_is_bad_and_nan_is_null() -> None:
    parsed = parse(pa.array([float("inf"), float("nan"), 1.0]), Kind.NUMBER)
    assert parsed.is_bad.tolist() == [True, False, False]
    assert parsed.values.to_pylist() == [None, None, 1.0]


@pytest.mark.parametrize(
    "given",
    [
        "2024-03-01T12:00:00Z",
        "2024-03-01 12:00",
        "2024-03-01T14:00:00+02:00",
        "2024-03-01 12:00:00 UTC",
        "2024-03-01T07:00:00-0500",
        1_709_294_400,
        1_709_294_400_000,
        1_709_294_400.0,
        datetime(2024, 3, 1, 12),
        datetime(2024, 3, 1, 12, tzinfo=UTC),
    ],
)
def test_times_of_every_form_are_the_same_instant(given: object) -> None:
    read = parse(pa.array([given]), Kind.TIME).values.to_pylist()
    assert read == [datetime(2024, 3, 1, 12, tzinfo=UTC)]


@pytest.mark.parametrize("given", ["2024-03-01", "20240301", 20240301, datetime(2024, 3, 1).date()])
def test_dates_are_midnight_in_utc(given: object) -> None:
    read = parse(pa.array([given]), Kind.TIME).values.to_pylist()
    assert read == [datetime(2024, 3, 1, tzinfo=UTC)]


@pytest.mark.parametrize(
    "given", ["3/4/2021", "2024-02-30", 20241301, "1899-12-31", "2101-01-01", 7, True, "soon"]
)
def test_dates_that_are_none_or_implausible_are_bad(given: object) -> None:
    assert parse(pa.array([given]), Kind.TIME).is_bad.tolist() == [True]


def test_zoned_and_coarse_timestamps_become_utc_microseconds() -> None:
    moment = datetime(2024, 3, 1, 12, tzinfo=UTC)
    for type_ in (pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("ms", "America/New_York")):
        given = (
            pa.array([1_709_294_400], pa.int64())
            .cast(pa.timestamp("s"))
            .cast(pa.timestamp("s", "UTC"))
        )
        cast = given.cast(pa.timestamp("s")).cast(type_) if type_.tz is None else given.cast(type_)
        assert parse(cast, Kind.TIME).values.to_pylist() == [moment]


def test_flags_are_read_from_words_numbers_and_booleans() -> None:
    words = pa.array(["Yes", "y", "TRUE", "t", "1", "1.0", "no", "N", "false", "0", "maybe", ""])
    parsed = parse(words, Kind.FLAG)
    assert parsed.values.to_pylist() == [1.0] * 6 + [0.0] * 4 + [None] * 2
    assert parsed.is_bad.tolist() == [False] * 10 + [True, False]
    assert parse(pa.array([True, None, False]), Kind.FLAG).values.to_pylist() == [1.0, None, 0.0]
    assert parse(pa.array([2, 1]), Kind.FLAG).is_bad.tolist() == [True, False]


@pytest.mark.parametrize(
    "given", [("Ja", "nein"), ("Oui", "Non"), ("Sí", "No"), ("WAHR", "FALSCH")]
)
def test_yes_and_no_are_read_in_the_languages_of_office_programs(given: tuple[str, str]) -> None:
    assert parse(pa.array(given), Kind.FLAG).values.to_pylist() == [1.0, 0.0]


def test_ids_are_the_same_text_whatever_type_a_file_gave_them() -> None:
    for given in (
        pa.array([201939], pa.int32()),
        pa.array([201939.0]),
        pa.array(["201939 "], pa.large_string()),
        pa.array(["201939"]).dictionary_encode(),
    ):
        assert parse(given, Kind.CATEGORY).values.to_pylist() == ["201939"]


def test_names_lose_spaces_and_spellings_of_one_letter_agree() -> None:
    composed, apart = "Luka Don\u010di\u0107", " Luka  Donc\u030cic\u0301\u00a0"
    assert parse(pa.array([composed, apart]), Kind.CATEGORY).values.to_pylist() == [composed] * 2


def test_a_bad_row_is_quarantined_with_column_and_value() -> None:
    read = _read(player=["a", "b", None], date=["2024-01-01"] * 3, pts=["3", "many", "4"])
    assert read.good["points"].to_pylist() == [3.0]
    assert read.positions.tolist() == [0]
    assert read.bad["reason"].to_pylist() == [
        "pts (points) is not a finite number: 'many'",
        "player is empty, and it is required: None",
    ]
    assert read.bad["position"].to_pylist() == [1, 2]


def test_a_row_without_an_outcome_is_history_all_the_same() -> None:
    read = _read(player=["a"], date=["2024-01-01"], pts=[None])
    assert read.good["points"].to_pylist() == [None]


def test_bounds_of_a_column_are_enforced() -> None:
    read = _read(player=["a", "b"], date=["2024-01-01"] * 2, minutes=[-1, 30])
    assert read.bad["reason"].to_pylist() == ["minutes is below 0: '-1'"]


def test_what_is_absent_takes_its_features_targets_and_exclusions_along() -> None:
    resolved = resolve(PLAYER_PROPS, ["assists", "minutes", "opponent"])
    assert {"assists", "points_rebounds_assists"}.isdisjoint(t.name for t in resolved.targets)
    assert not resolved.exclusions
    assert not [f for f in resolved.features if f.column == "minutes" or f.by == "opponent"]
    assert [b.name for b in resolved.baselines] == [b.name for b in PLAYER_PROPS.baselines]


def test_no_target_left_is_an_error_that_says_what_targets_need() -> None:
    outcomes = [c for target in PLAYER_PROPS.targets for c in target.columns]
    with pytest.raises(SchemaError, match="points_rebounds_assists needs points and rebounds"):
        resolve(PLAYER_PROPS, outcomes)


def test_extra_columns_become_known_features_judged_on_all_values() -> None:
    first = pa.table(
        {
            "Age": ["31", "40"],
            "Plan Tier": ["gold", "7"],
            "vip": [True, False],
            "note": ["a", "b"],
            "same": ["x", "x"],
            "void": pa.nulls(2),
        }
    )
    second = pa.table(
        {
            "Age": ["27", "33"],
            "Plan Tier": ["8", "9"],
            "vip": [True, True],
            "note": ["c", "d"],
            "same": ["x", "x"],
            "void": pa.nulls(2),
        }
    )
    evidence = merge([examine(first), examine(second)])
    evidence["note"] = Evidence(200, False, False, True, frozenset(range(51)))
    extra = extra_columns(CUSTOMER_CHURN, evidence, rows=200)
    assert {(each.name, each.kind) for each in extra.columns} == {
        ("age", Kind.NUMBER),
        ("plan_tier", Kind.CATEGORY),
        ("vip", Kind.FLAG),
    }
    assert extra.notes == (
        "extra column 'note' is not used: it has more than 50 different texts",
        "extra column 'same' is not used: it is constant",
        "extra column 'void' is not used: it is empty",
    )
    resolved = resolve(CUSTOMER_CHURN, ["as_of", "segment"], extra.columns)
    assert [f.name for f in resolved.features][-3:] == ["age", "plan_tier", "vip"]


@pytest.mark.parametrize("blueprint", [PLAYER_PROPS, CUSTOMER_CHURN, MATCH_OUTCOME])
def test_a_blueprint_survives_json(blueprint: Blueprint) -> None:
    again = blueprint_from_json(blueprint_to_json(blueprint))
    assert again == blueprint
    assert again.fingerprint == canonical(again).fingerprint


def test_json_that_is_no_blueprint_is_refused() -> None:
    with pytest.raises(BlueprintError, match="no blueprint"):
        blueprint_from_json(b"{}")
