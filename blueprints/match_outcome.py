"""Which of two sides wins: esports, football, tennis, basketball."""

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Column,
    Kind,
    OutputField,
    Pair,
    Portfolio,
    Role,
    Sides,
    Source,
    Target,
    candidate,
    names,
    reasons_field,
)
from tracer_ray.features import Feature, Op, history, log_value, value, versus

MATCH_OUTCOME = Blueprint(
    id="match_outcome",
    name="Match outcome",
    category="sports",
    use_case="Price a match before it starts.",
    who="two sides",
    when="before the match, knowing every earlier match of both sides",
    what="the probability that the first side wins",
    horizon="the next match",
    columns=(
        Column("side", Kind.CATEGORY, Role.ENTITY, "a side: team or player", required=True),
        Column("opponent_side", Kind.CATEGORY, Role.KNOWN, "the other side", required=True),
        Column(
            "match_id",
            Kind.CATEGORY,
            Role.ROW,
            "identifies the match",
            aliases=("game_id", "id", "fixture_id"),
        ),
        Column(
            "match_time",
            Kind.TIME,
            Role.TIME,
            "start of the match, or its date",
            aliases=names(
                "match_datetime start_utc start_time date datetime game_date match_date "
                "tourney_date kickoff begin_at played_at utc_date schedule_date fixture_date"
            ),
            required=True,
        ),
        Column(
            "match_order",
            Kind.NUMBER,
            Role.ORDER,
            "order of the matches of one date",
            aliases=("match_num", "game_number"),
        ),
        Column("won", Kind.FLAG, Role.OUTCOME, "whether this side won", required=True),
        Column("score", Kind.NUMBER, Role.OUTCOME, "this side's score", "points"),
        Column("opponent_score", Kind.NUMBER, Role.OUTCOME, "the other side's score", "points"),
        Column("home", Kind.NUMBER, Role.KNOWN, "1 at home, -1 away, 0 where neither is known"),
        Column("best_of", Kind.NUMBER, Role.KNOWN, "most games the match can have", "games"),
        Column("rank", Kind.NUMBER, Role.KNOWN, "official rank before the match"),
        Column("opponent_rank", Kind.NUMBER, Role.KNOWN, "the other side's official rank"),
    ),
    sides=Sides(
        pairs=(
            Pair(
                "side",
                names(
                    "side_a team_a home_team team_1 team1 player_1 home home_club_name "
                    "home_club_id home_team_name home_team_id team_home radiant_team blue_team "
                    "white white_id team_a_name team1_name white_player white_username player_a "
                    "fighter_1 fighter1 heim heimmannschaft heimteam equipo_local local "
                    "equipe_domicile domicile squadra_casa casa home_side home_name host "
                    "home_player teams_home_name p1 player1 home_team_abbreviation visited "
                    "winner_name winner wteam wteamid team team_name teamabbr team_abbr "
                    "mannschaft equipo squadra"
                ),
                names(
                    "side_b team_b away_team team_2 team2 player_2 away away_club_name "
                    "away_club_id away_team_name away_team_id team_away dire_team red_team "
                    "black black_id team_b_name team2_name opptabbr oppt_abbr opponent_abbr "
                    "black_player black_username player_b fighter_2 fighter2 gast "
                    "gastmannschaft gastteam equipo_visitante visitante equipe_exterieur "
                    "exterieur squadra_ospite ospite away_side away_name guest away_player p2 "
                    "player2 away_team_abbreviation teams_away_name visitor "
                    "loser_name loser lteam lteamid opponent opponent_name gegner rival avversaria"
                ),
            ),
            Pair(
                "score",
                names(
                    "score_a maps_a home_goals home_score score_1 fthg home_club_goals "
                    "home_team_goals home_team_score score_home wscore radiant_score blue_score "
                    "heim_tore tore_heim goles_local buts_domicile gol_casa home_pts pts_home "
                    "home_points home_runs p1_score player1_score team1_score team_1_score "
                    "score1 homescore hg home_maps home_sets goals_for gf scored points_for "
                    "team_score teampts goals_home score_full_time_home"
                ),
                names(
                    "score_b maps_b away_goals away_score score_2 ftag away_club_goals "
                    "away_team_goals away_team_score score_away lscore dire_score red_score "
                    "gast_tore tore_gast goles_visitante buts_exterieur gol_ospite away_pts "
                    "pts_away away_points away_runs p2_score player2_score team2_score "
                    "team_2_score score2 awayscore ag away_maps away_sets goals_against ga "
                    "conceded points_against opponent_score opptpts goals_away score_full_time_away"
                ),
            ),
            Pair("rank", ("rank_a", "winner_rank"), ("rank_b", "loser_rank")),
        ),
        won="won",
        result=names(
            "side_a_win team_a_win home_win team_1_win ftr winner result win_or_loss win_loss "
            "win match_result winning_team winner_team match_winner game_result res "
            "full_time_result result_home outcome ergebnis resultado resultat risultato esito "
            "teamrslt team_result"
        ),
        scorelines=names(
            "score ft full_time fulltime ft_score full_time_score final_score match_score "
            "scoreline endstand spielergebnis marcador punteggio placar"
        ),
        score="score",
        winner_first=("winner_name", "winner", "wteam", "wteamid"),
        home="home",
        home_first=names(
            "home_team home home_club_name home_club_id home_team_name home_team_id team_home "
            "heim heimmannschaft heimteam equipo_local local equipe_domicile domicile "
            "squadra_casa casa home_side home_name host home_player home_team_abbreviation "
            "teams_home_name"
        ),
        home_told_by=(
            "is_home",
            "home_away",
            "home_or_away",
            "h_a",
            "venue",
            "location",
            "teamloc",
        ),
    ),
    targets=(Target("won", ("won",), Answer.PROBABILITY, "the side wins"),),
    features=(
        Feature("rating_probability_16", Op.RATING_PROBABILITY, window=16),
        Feature("rating_probability_32", Op.RATING_PROBABILITY, window=32),
        Feature("rating_probability_64", Op.RATING_PROBABILITY, window=64),
        value("home"),
        value("best_of", "games"),
        *versus((log_value("rank"),)),
        *versus(history(Op.MEAN, "won", 5, 10, 20, 40)),
        *versus(history(Op.EWM, "won", 5, 20)),
        *versus(history(Op.EXPANDING_MEAN, "won")),
        *versus(history(Op.MEAN, "score", 5, 20)),
        *versus(history(Op.MEAN, "opponent_score", 5, 20)),
        *versus(history(Op.COUNT, "won")),
        *versus((Feature("rest_days", Op.REST_DAYS, unit="days"),)),
        *history(Op.COUNT, "won"),
    ),
    baselines=(
        Baseline("Elo rating", "rating_probability_32"),
        Baseline("base rate"),
    ),
    metric="log_loss",
    portfolio=Portfolio(
        pooled=(
            candidate("elastic_net", alpha=0.05, l1_ratio=0.1),
            candidate(
                "lightgbm",
                num_leaves=7,
                depth=3,
                min_data_in_leaf=200,
                learning_rate=0.03,
                rounds=200,
                l2=5.0,
            ),
            candidate("elastic_net", alpha=0.2, l1_ratio=0.1),
            candidate("xgboost", depth=3, learning_rate=0.03, rounds=200),
        ),
    ),
    output=(
        OutputField("win_probability", Source.PROBABILITY, "the first side wins"),
        OutputField("opponent_win_probability", Source.COMPLEMENT, "the second side wins"),
        OutputField("draw_probability", Source.DRAW, "neither wins; 0 where no draw was ever seen"),
        OutputField("confidence", Source.CONFIDENCE, "probability of the likeliest outcome"),
        reasons_field("top_reasons"),
    ),
    minimum_history=60,
    below_minimum="the model over all sides answers",
    limits=(
        "Line-ups, injuries and roster moves are not in a result list.",
        "A side that has not met anybody yet is rated as average.",
        "Matches of one side on one date don't see each other without times or an order column.",
    ),
)
