"""What a player will do in his next game, and how likely he is to go over a line."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Exclusion,
    Kind,
    OutputField,
    Portfolio,
    Role,
    Source,
    Target,
    candidate,
)
from tracer_ray.features import TARGET, Feature, Op, calendar, history, value


def _statistic(name: str, *aliases: str) -> Column:
    return Column(name, Kind.NUMBER, Role.OUTCOME, f"{name} in the game", "count", aliases)


def _target(name: str, *columns: str, aliases: tuple[str, ...] = ()) -> Target:
    what = " plus ".join(columns)
    return Target(name, columns, Answer.NUMBER, f"{what} in the next game", "count", aliases)


_USAGE = ("minutes", "field_goals_attempted", "free_throws_attempted", "turnovers")

PLAYER_PROPS = Blueprint(
    id="player_props",
    name="Player props",
    category="sports",
    use_case="Price a player's statistic against a bookmaker's line before the game.",
    who="one player",
    when="before tip-off, knowing every earlier game",
    what="points, rebounds, assists, threes, steals, blocks, or points + rebounds + assists",
    horizon="the player's next game",
    columns=(
        Column(
            "player",
            Kind.CATEGORY,
            Role.ENTITY,
            "player id, or name where there is no id",
            aliases=("player_id", "playerid", "person_id"),
            required=True,
        ),
        Column(
            "player_name",
            Kind.CATEGORY,
            Role.LABEL,
            "player name",
            aliases=("name", "player_full_name"),
        ),
        Column(
            "game_date",
            Kind.TIME,
            Role.TIME,
            "start of the game or its date",
            aliases=("date", "game_day", "start_time"),
            required=True,
        ),
        Column(
            "opponent",
            Kind.CATEGORY,
            Role.KNOWN,
            "the other team",
            aliases=("opp", "opponent_team", "opponent_abbreviation"),
        ),
        Column(
            "team",
            Kind.CATEGORY,
            Role.KNOWN,
            "his team",
            aliases=("team_abbreviation", "player_team"),
        ),
        Column(
            "is_home",
            Kind.FLAG,
            Role.KNOWN,
            "whether his team plays at home",
            aliases=("home", "home_game"),
        ),
        _statistic("points", "pts"),
        _statistic("rebounds", "reb", "trb", "total_rebounds"),
        _statistic("assists", "ast"),
        _statistic("threes", "fg3_made", "fg3m", "three_pointers_made", "threes_made"),
        _statistic("steals", "stl"),
        _statistic("blocks", "blk"),
        _statistic("turnovers", "tov"),
        _statistic("field_goals_attempted", "fg_attempted", "fga"),
        _statistic("threes_attempted", "fg3_attempted", "fg3a"),
        _statistic("free_throws_attempted", "ft_attempted", "fta"),
        Column(
            "minutes",
            Kind.NUMBER,
            Role.OUTCOME,
            "minutes on the court",
            "minutes",
            ("min", "mp"),
            minimum=0.0,
        ),
    ),
    exclusions=(Exclusion("minutes", 0.0, "did not play"),),
    targets=(
        _target("points", "points", aliases=("pts",)),
        _target("rebounds", "rebounds", aliases=("reb",)),
        _target("assists", "assists", aliases=("ast",)),
        _target("threes", "threes", aliases=("fg3m", "player_threes")),
        _target("steals", "steals", aliases=("stl",)),
        _target("blocks", "blocks", aliases=("blk",)),
        _target("points_rebounds_assists", "points", "rebounds", "assists", aliases=("pra",)),
    ),
    features=(
        *history(Op.LAG, TARGET, 1, 2, 3),
        *history(Op.MEAN, TARGET, 3, 5, 10, 20, 40),
        *history(Op.MEDIAN, TARGET, 10, 20),
        *history(Op.STD, TARGET, 10, 20),
        *history(Op.MIN, TARGET, 10),
        *history(Op.MAX, TARGET, 10),
        *history(Op.EWM, TARGET, 3, 8, 20),
        *history(Op.WEIGHTED_MEAN, TARGET, 10),
        *history(Op.SLOPE, TARGET, 10),
        *history(Op.MOMENTUM, TARGET, 5),
        *history(Op.EXPANDING_MEAN, TARGET),
        *history(Op.EXPANDING_STD, TARGET),
        *history(Op.SEASON_MEAN, TARGET),
        *history(Op.COUNT, TARGET),
        *history(Op.SEASON_COUNT, TARGET),
        *(
            feature
            for column in _USAGE
            for feature in (
                *history(Op.LAG, column, 1),
                *history(Op.MEAN, column, 3, 10),
                *history(Op.EWM, column, 8),
            )
        ),
        *history(Op.MEAN, TARGET, 10, 40, by="opponent"),
        *history(Op.EXPANDING_MEAN, TARGET, by="opponent"),
        Feature("rest_days", Op.REST_DAYS, unit="days"),
        Feature("games_7_days", Op.RECENT_COUNT, window=7, unit="games"),
        value("is_home"),
        calendar("month"),
        calendar("day_of_week"),
    ),
    baselines=(
        Baseline("season average", f"{TARGET}_season_mean"),
        Baseline("exponential average", f"{TARGET}_ewm_8"),
        Baseline("last 10 games", f"{TARGET}_mean_10"),
    ),
    metric="mae",
    portfolio=Portfolio(
        pooled=(
            candidate(
                "lightgbm",
                num_leaves=31,
                min_data_in_leaf=200,
                learning_rate=0.05,
                rounds=400,
                subsample=0.5,
                colsample=0.5,
                depth=8,
            ),
            candidate("elastic_net", alpha=0.01, l1_ratio=0.5),
            candidate(
                "xgboost", depth=5, learning_rate=0.05, rounds=300, subsample=0.5, colsample=0.5
            ),
            candidate("random_forest", trees=60, depth=10, min_leaf=10, min_split=20),
        ),
    ),
    output=(
        OutputField("predicted_value", Source.VALUE, "the expected statistic", "count"),
        OutputField("over_probability", Source.OVER, "probability of going over the line"),
        OutputField("under_probability", Source.UNDER, "probability of staying under the line"),
        OutputField("recommendation", Source.RECOMMENDATION, "OVER, UNDER or NO_EDGE"),
        OutputField("confidence", Source.CONFIDENCE, "probability of the recommended side"),
        OutputField(
            "expected_value",
            Source.EXPECTED_VALUE,
            "profit per unit staked on the recommended side at the given odds",
        ),
        OutputField("interval", Source.INTERVAL, "80 % interval of the statistic", "count"),
    ),
    minimum_history=50,
    below_minimum="the pooled model answers",
    season_start_month=10,
    limits=(
        "Injuries, line-ups and late scratches are not in a box score.",
        "A line already holds what the market knows: NO_EDGE is the usual answer.",
    ),
)
