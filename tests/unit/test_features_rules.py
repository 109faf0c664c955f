"""A feature that can't be computed is refused, and the message says why."""

from dataclasses import replace

import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.match_outcome import MATCH_OUTCOME
from blueprints.player_props import PLAYER_PROPS
from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import BlueprintError
from tracer_ray.feature_program.program import compile_program
from tracer_ray.features import Feature, Op, calendar, code, history, value, versus


@pytest.mark.parametrize(
    ("blueprint", "feature", "complaint"),
    [
        (PLAYER_PROPS, history(Op.MEAN, "points")[0], "window of at least 1; it has 0"),
        (PLAYER_PROPS, history(Op.MEAN, "team", 3)[0], "'team' is none"),
        (PLAYER_PROPS, Feature("mean", Op.MEAN, window=3), "needs a column"),
        (PLAYER_PROPS, history(Op.MEAN, "points", 3, by="is_home")[0], "needs a category as by"),
        (PLAYER_PROPS, history(Op.MEAN, "points", 3, per_row=True)[0], "name one as by"),
        (PLAYER_PROPS, Feature("rest", Op.REST_DAYS, "points"), "leave column 'points' out"),
        (PLAYER_PROPS, Feature("rating", Op.RATING, window=32), "needs `sides`"),
        (PLAYER_PROPS, value("team"), "needs a number or flag"),
        (PLAYER_PROPS, code("is_home"), "needs a category"),
        (PLAYER_PROPS, calendar("week"), "the calendar has day_of_week"),
        (MATCH_OUTCOME, versus((value("home"),))[0], "needs a column 'opponent_home'"),
        (
            MATCH_OUTCOME,
            versus(history(Op.MEAN, "won", 3, by="opponent_side"))[0],
            "has both versus and by='opponent_side'",
        ),
        (
            MATCH_OUTCOME,
            versus((Feature("p", Op.RATING_PROBABILITY, window=32),))[0],
            "can't be compared with the opponent's",
        ),
    ],
)
def test_a_feature_that_contradicts_its_blueprint_is_refused(
    blueprint: Blueprint, feature: Feature, complaint: str
) -> None:
    target = blueprint.targets[0].name
    with pytest.raises(BlueprintError, match=f"{blueprint.id}: feature '{feature.name}'") as error:
        compile_program(replace(blueprint, features=(feature,)), [target])
    assert complaint in str(error.value)


def test_history_without_a_time_column_is_refused() -> None:
    columns = tuple(column for column in CUSTOMER_CHURN.columns if column.name != "as_of")
    feature = history(Op.MEAN, "monthly_charges", 3)[0]
    with pytest.raises(BlueprintError, match="needs a time column"):
        compile_program(replace(CUSTOMER_CHURN, columns=columns, features=(feature,)), ["churned"])


def test_features_that_targets_share_are_computed_once() -> None:
    program = compile_program(PLAYER_PROPS, ["points", "assists"])
    assert len(set(program.names)) == len(program.names)
    assert program.names.count("minutes_ewm_3") == 1
    for target in ("points", "assists"):
        wanted = [feature.name for feature in PLAYER_PROPS.features_for(target)]
        found = [program.names[position] for position in program.positions(wanted)]
        assert found == wanted


def test_an_unknown_feature_name_is_answered_with_close_ones() -> None:
    program = compile_program(PLAYER_PROPS, ["points"])
    with pytest.raises(BlueprintError, match="points_mean_10"):
        program.positions(["point_mean_10"])


def test_another_declaration_gives_another_digest() -> None:
    program = compile_program(PLAYER_PROPS, ["points"])
    assert program.digest == compile_program(PLAYER_PROPS, ["points"]).digest
    later = replace(PLAYER_PROPS, season_start_month=8)
    assert program.digest != compile_program(later, ["points"]).digest
