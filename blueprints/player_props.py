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
    names,
)
from tracer_ray.features import TARGET, Feature, Op, calendar, code, history, value


def _statistic(name: str, *aliases: str) -> Column:
    return Column(name, Kind.NUMBER, Role.OUTCOME, f"{name} in the game", "count", aliases)


def _target(name: str, *columns: str, aliases: tuple[str, ...] = ()) -> Target:
    what = " plus ".join(columns)
    return Target(name, columns, Answer.NUMBER, f"{what} in the next game", "count", aliases)


_USAGE = names(
    "free_throws_attempted threes_attempted turnovers plus_minus points rebounds assists"
)

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
            aliases=("player_id", "playerid", "person_id", "playdispnm"),
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
            aliases=("date", "game_day", "start_time", "game_date_est"),
            required=True,
        ),
        Column(
            "opponent",
            Kind.CATEGORY,
            Role.KNOWN,
            "the other team",
            aliases=("opp", "opponent_team", "opponent_abbreviation", "opptabbr"),
        ),
        Column(
            "team",
            Kind.CATEGORY,
            Role.KNOWN,
            "his team",
            aliases=("team_abbreviation", "player_team", "teamabbr"),
        ),
        Column(
            "is_home",
            Kind.FLAG,
            Role.KNOWN,
            "whether his team plays at home",
            aliases=("home", "home_game"),
        ),
        Column(
            "stage",
            Kind.CATEGORY,
            Role.KNOWN,
            "regular season or play-offs",
            aliases=("season_type", "game_type"),
        ),
        _statistic("points", "pts", "playpts"),
        _statistic("rebounds", "reb", "trb", "total_rebounds", "playtrb"),
        _statistic("assists", "ast", "playast"),
        _statistic("threes", "fg3_made", "fg3m", "three_pointers_made", "threes_made"),
        _statistic("steals", "stl"),
        _statistic("blocks", "blk"),
        _statistic("turnovers", "tov"),
        _statistic("field_goals_attempted", "fg_attempted", "fga"),
        _statistic("threes_attempted", "fg3_attempted", "fg3a"),
        _statistic("free_throws_attempted", "ft_attempted", "fta"),
        Column(
            "plus_minus",
            Kind.NUMBER,
            Role.OUTCOME,
            "score difference while on the court",
            "points",
            ("plusminus",),
        ),
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
        *history(Op.LAG, TARGET, 1),
        *history(Op.MEAN, TARGET, 10, 40),
        *history(Op.EWM, TARGET, 3, 8, 20),
        *history(Op.MEDIAN, TARGET, 20),
        *history(Op.STD, TARGET, 20),
        *history(Op.EXPANDING_MEAN, TARGET),
        *history(Op.SEASON_MEAN, TARGET),
        *history(Op.COUNT, TARGET),
        *history(Op.SEASON_COUNT, TARGET),
        *history(Op.LAG, "minutes", 1),
        *history(Op.EWM, "minutes", 3, 8, 20),
        *history(Op.STD, "minutes", 10),
        *history(Op.SEASON_MEAN, "minutes"),
        *history(Op.EWM, "field_goals_attempted", 3, 8, 20),
        *(feature for column in _USAGE for feature in history(Op.EWM, column, 8)),
        *history(Op.MEAN, TARGET, 10, by="opponent"),
        *history(Op.EXPANDING_MEAN, TARGET, by="opponent"),
        *history(Op.EWM, TARGET, 8, by="team"),
        *history(Op.LAG, "minutes", 1, by="team"),
        Feature("rest_days", Op.REST_DAYS, unit="days"),
        Feature("games_7_days", Op.RECENT_COUNT, window=7, unit="games"),
        value("is_home"),
        code("stage"),
        calendar("month"),
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
            candidate(
                "lightgbm",
                num_leaves=15,
                min_data_in_leaf=500,
                learning_rate=0.05,
                rounds=500,
                subsample=0.5,
                colsample=0.3,
                depth=6,
            ),
            # last: on 300,000 rows a forest costs five times the others and adds 0.06 %
            candidate("random_forest", trees=60, depth=10, min_leaf=10, min_split=20),
        ),
    ),
    output=(
        OutputField(
            "predicted_value", Source.VALUE, "point forecast: the median, which errs least", "count"
        ),
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
