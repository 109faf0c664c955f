"""Which players of a game will not come back."""

from dataclasses import replace

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Choice,
    Column,
    Events,
    Kind,
    Leak,
    Role,
    Settings,
    Statuses,
    Target,
    Variants,
    Wording,
    names,
)
from tracer_ray.decision import Decision, Stake
from tracer_ray.inactivity import DEFINITION, churn_definition, gone_silent, silent_days
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
    row_id("player_id", "identifies the player", "user_id", "userid", "uid", "account_id"),
    moment("as_of", "when the player is looked at", "snapshot_date", "as_of_date", "install_date"),
    outcome(
        "churned",
        "whether the player did not come back",
        *names(
            "churn is_churned lapsed churn_flag churned_d7 churn_7d churned_7d "
            "is_churn left_game inactive quit_game has_quit"
        ),
        statuses=Statuses(
            yes=("churned lapsed inactive quit left gone cancelled canceled dormant closed"),
            no="active retained returning current subscribed reactivated",
            open="suspended banned",
        ),
        wordings=(
            Wording(
                names(
                    "retention_7 retained_7 day_7_retention d7 retained returned d7_retention "
                    "retention_d7 retained_d7 day7_retention d7_retained retained_7d "
                    "returned_d7 came_back still_active still_playing"
                )
            ),
            Wording(
                (
                    "days_inactive",
                    "days_since_last_login",
                    "days_since_last_session",
                    "inactive_days",
                ),
                above=7.0,
            ),
            Wording(
                names(
                    "churn_date churned_at quit_at quit_date unsubscribed_at cancelled_at "
                    "canceled_at"
                ),
                filled=True,
            ),
        ),
    ),
    category("version", "variant of the game", "ab_group", "variant", "test_group"),
    category("platform", "device or store", "os", "device"),
    category("country", "country", "region", "geo"),
    flag("retention_1", "whether the player came back a day later", "d1", "day_1_retention"),
    flag("is_payer", "whether the player has paid", "payer", "has_paid"),
    number("sessions", "sessions so far", "sessions", "session_count", "logins"),
    number("playtime", "time played so far", "minutes", "minutes_played", "play_time"),
    number("level", "level reached", "levels", "max_level"),
    number("rounds_first_day", "rounds on the first day", "rounds", "day_1_rounds"),
    number("days_since_install", "days since the first start", "days", "account_age"),
    number("friends", "friends in the game", "people", "friend_count"),
)

_LAPSED = Blueprint(
    id="player_churn",
    name="Player churn",
    category="games",
    use_case="Bring players back with a gift or a message before they forget the game.",
    who="one player",
    when="after the first days, knowing what the player did so far",
    what="whether the player does not come back",
    horizon="the day or window that the outcome column describes (day 7 in most data)",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("sum_gamerounds", "total_rounds", "rounds_14_days"),
            "it counts rounds of later days too, so only those who came back have many",
        ),
        Leak(
            ("last_login", "last_seen", "retention_14", "retention_30", "uninstall_date"),
            "it is known only after the day that is predicted",
        ),
    ),
    targets=(
        Target(
            "churned",
            ("churned",),
            Answer.PROBABILITY,
            "the player does not come back",
            decision=Decision(
                "lapses",
                "comes back",
                miss_cost=1.0,
                false_alarm_cost=3.0,
                stake=Stake.ENDS_REVENUE,
            ),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("sessions", "playtime", "rounds_first_day")),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("churn", "the player does not come back"),
    limits=(
        "Most players never come back: a probability of 0.8 may be an average one.",
        "Counts must end at the moment of the prediction; totals over all days have seen the "
        "outcome.",
    ),
    signs=names(
        "player game gamer play level guild clan quest match session install retention round "
        "xp character avatar server playtime gold"
    ),
)

_SESSIONS = Events(
    "session",
    key=replace(_LAPSED.column("player_id"), required=True),
    time=Column(
        "session_start",  # a mere date of a user's is no sign of a game
        Kind.TIME,
        Role.TIME,
        "when the player played",
        aliases=names(
            "start_session session_start_time session_date session_time login_date "
            "login_time play_date play_time played_at"
        ),
        required=True,
    ),
    amounts=(
        number(
            "minutes",
            "how long the session took",
            "minutes",
            "session_length",
            "session_length_minutes",
            "session_duration",
            "duration",
            "playtime",
        ),
        number("spend", "what the player paid", "money", "revenue", "amount", "purchase_amount"),
    ),
    windows_days=(7, 30, 90),
)

PARAMETERS = (
    churn_definition(
        Choice("lapsed", "what the outcome column says, one row per player"),
        (7, 14, 30),
        "sessions, logins",
    ),
)


def _churn(settings: Settings) -> Blueprint:
    days = silent_days(settings[DEFINITION])
    return gone_silent(_LAPSED, _SESSIONS, days) if days else _LAPSED


PLAYER_CHURN_VARIANTS = Variants(PARAMETERS, _churn)
PLAYER_CHURN = PLAYER_CHURN_VARIANTS.default
