"""What a user will like."""

from dataclasses import replace

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Choice,
    Column,
    Kind,
    Leak,
    Parameter,
    Role,
    Settings,
    Statuses,
    Target,
    Variants,
    Wording,
    names,
)
from tracer_ray.decision import Decision
from tracer_ray.features import Feature, Op, history
from tracer_ray.tabular import TABULAR, as_they_are, category, outcome, probability_fields, row_id

_RATINGS = names("rating stars user_rating star_rating review_rating overall")
_SCORES = names("score review_score")  # which may also be a share

_COLUMNS = (
    Column(
        "user_id",
        Kind.CATEGORY,
        Role.ENTITY,
        "identifies the user",
        aliases=names(
            "userid user viewer_id reader_id subscriber_id visitor_id person_id "
            "member_id listener_id profile_id reviewer_id account_id customer_id msno"
        ),
        required=True,
    ),
    row_id(
        "content_id",
        "identifies the content",
        *names(
            "movie_id item_id article_id video_id content song_id track_id show_id "
            "book_id episode_id asset_id title_id anime_id game_id program_id asin"
        ),
    ),
    Column(
        "rated_at",
        Kind.TIME,
        Role.TIME,
        "when it is shown",
        aliases=names(
            "timestamp viewed_at event_time shown_at watched_at played_at listened_at "
            "read_at started_at event_timestamp interaction_time interacted_at "
            "review_date unix_review_time review_time ts date"
        ),
        required=True,
    ),
    outcome(
        "engaged",
        "whether the user liked it",
        *names(
            "liked like clicked completed finished is_click is_clicked is_liked "
            "is_completed is_finished is_engaged watched saved bookmarked favorited"
        ),
        statuses=Statuses(
            yes=(
                "like liked follow followed share shared bookmark bookmarked comment "
                "commented comment_created save saved finish finished complete completed "
                "favorite thumbs_up click clicked"
            ),
            no=(
                "view viewed impression skip skipped dislike disliked thumbs_down start "
                "started abandoned ignored pass"
            ),
        ),
        wordings=(
            Wording(_RATINGS, above=3.5),
            Wording(
                names(
                    "watch_share completion_rate percent_watched completion watch_ratio "
                    "listen_ratio play_ratio"
                ),
                above=0.5,
            ),
            Wording(
                names(
                    "percent_complete completion_percent completion_percentage completion_pct "
                    "pct_watched percent_viewed progress_percent progress_pct watched_percent"
                ),
                above=50.0,
            ),
            Wording(_SCORES, above=3.5),
        ),
    ),
    category("genre", "kind of content", "genres", "content_type"),
    category("channel", "where it is shown", "placement", "surface"),
)

_SHARED = Blueprint(
    id="content_engagement",
    name="Content engagement",
    category="media",
    use_case="Show what a user will like, not what everybody likes.",
    who="one user and one piece of content",
    when="before it is shown, knowing what the user and the others made of earlier ones",
    what="whether the user likes it: rates it above 3.5, or sees more than half of it",
    horizon="the next time it is shown",
    columns=_COLUMNS,
    leaks=(Leak(("watch_time", "dwell_time"), "it is known only afterwards"),),
    targets=(
        Target(
            "engaged",
            ("engaged",),
            Answer.PROBABILITY,
            "the user likes it",
            decision=Decision("likes it", "does not", miss_cost=1.0, false_alarm_cost=1.0),
        ),
    ),
    features=(
        *as_they_are(_COLUMNS),
        *history(Op.EXPANDING_MEAN, "engaged"),
        *history(Op.EWM, "engaged", 5, 30),
        *history(Op.COUNT, "engaged"),
        *history(Op.EXPANDING_MEAN, "engaged", by="content_id"),
        *history(Op.EWM, "engaged", 10, by="content_id"),
        *history(Op.COUNT, "engaged", by="content_id"),
        Feature("rest_days", Op.REST_DAYS, unit="days"),
    ),
    baselines=(
        Baseline("average of the user", "engaged_expanding_mean"),
        Baseline("average of the content", "content_id_engaged_expanding_mean"),
        Baseline("base rate"),
    ),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("engagement", "the user likes it"),
    minimum_history=200,
    limits=(
        "It is learned from what users chose to see; what they never chose is not in the data.",
        "The first users of new content have only each other's word: nothing is known of it but "
        "its kind.",
    ),
)

PARAMETERS = (
    Parameter(
        "rating_above",
        "which ratings say that a user liked it",
        "3.5",
        (
            Choice("3.5", "4 and 5 of 5"),
            Choice("4.5", "5 of 5, where most give 4 or more"),
            Choice("7.5", "8 and more of 10"),
            Choice("75", "more than 75 of 100"),
        ),
    ),
)


def _liked(settings: Settings) -> Blueprint:
    above = float(settings["rating_above"])
    outcome = _SHARED.column("engaged")
    rated = tuple(
        replace(each, above=above) if each.names in (_RATINGS, _SCORES) else each
        for each in outcome.wordings
    )
    columns = (
        replace(each, wordings=rated) if each.name == outcome.name else each
        for each in _SHARED.columns
    )
    what = f"whether the user likes it: rates it above {above:g}, or sees more than half of it"
    return replace(_SHARED, columns=tuple(columns), what=what)


CONTENT_ENGAGEMENT_VARIANTS = Variants(PARAMETERS, _liked)
CONTENT_ENGAGEMENT = CONTENT_ENGAGEMENT_VARIANTS.default
