"""Which posts will be shared widely."""

from dataclasses import replace

from tracer_ray.blueprint import (
    Answer,
    Baseline,
    Blueprint,
    Choice,
    Leak,
    Parameter,
    Settings,
    Statuses,
    Target,
    Variants,
    Wording,
    names,
)
from tracer_ray.decision import Decision
from tracer_ray.features import calendar
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

_COUNTS = names(
    "shares share_count retweets retweet_count reposts views view_count "
    "video_view_count play_count score upvotes ups points likes share "
    "like_count reactions favorites plays streams num_shares num_likes "
    "nretweets nlikes num_points num_reactions visits total_views "
    "total_shares shares_count share_total repost_count retweets_count "
    "favorite_count favourites favourites_count likes_count total_likes "
    "reactions_count total_reactions reaction_count digg_count claps "
    "claps_count video_views engagements total_engagements engagement_count "
    "repins"
)

_COLUMNS = (
    row_id("post_id", "identifies the post", "content_id", "tweet_id", "video_id", "url"),
    moment(
        "posted_at",
        "when it is posted",
        *names(
            "published_at publish_time publish_date upload_date uploaded_at "
            "created_at created_utc post_date posted_on post_time date_posted "
            "published published_date published_on create_time created_time "
            "upload_time tweet_created_at taken_at"
        ),
    ),
    outcome(
        "viral",
        "whether it was shared widely",
        *names("is_viral went_viral is_popular popular is_trending trending viral_flag"),
        statuses=Statuses(
            yes="viral trending popular",
            no="not_viral non_viral normal not_popular unpopular not_trending",
        ),
        wordings=(Wording(_COUNTS, above=1000.0),),
    ),
    number("followers", "followers of the author", "people", "follower_count", minimum=0.0),
    number("past_shares", "mean shares of the author's earlier posts", "shares", minimum=0.0),
    number("shares_first_hour", "shares in the first hour", "shares", minimum=0.0),
    number("words", "words in the text", "words", "word_count", "n_tokens_content", minimum=0.0),
    number("images", "pictures", "pictures", "num_imgs", minimum=0.0),
    number("videos", "videos", "videos", "num_videos", minimum=0.0),
    number("hashtags", "hashtags", "hashtags", "hashtag_count", minimum=0.0),
    number("sentiment", "sentiment of the text", "", "polarity", minimum=-1.0, maximum=1.0),
    category("topic", "topic", "channel", "content_category"),
    category("format", "kind of content", "media_type", "post_type"),
    flag("is_weekend", "whether it is posted at a weekend", "weekend"),
)

_SHARED = Blueprint(
    id="viral_potential",
    name="Viral potential",
    category="media",
    use_case="Put a budget behind the posts that may take off.",
    who="one post",
    when="an hour after posting, or before it where nothing of the first hour is given",
    what="whether it is shared, or seen, widely: more than 1,000 times where the data count",
    horizon="the time over which the outcome column counts",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            names(
                "likes like_count dislikes comments comment_count num_comments views "
                "impressions engagement reach upvote_ratio downs"
            ),
            "it counts what came after the first hour too",
        ),
    ),
    targets=(
        Target(
            "viral",
            ("viral",),
            Answer.PROBABILITY,
            "the post is shared widely",
            decision=Decision("takes off", "does not", miss_cost=6.0, false_alarm_cost=1.0),
        ),
    ),
    features=(
        *as_they_are(_COLUMNS, amounts=("followers", "past_shares", "shares_first_hour", "words")),
        calendar("day_of_week"),
        calendar("hour"),
    ),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("viral", "the post is shared widely"),
    limits=(
        "Measured on synthetic posts with a known truth only; no real data set was at hand.",
        "What spreads is largely chance: two equal posts may have very different fates.",
    ),
)

PARAMETERS = (
    Parameter(
        "viral_above",
        "how many shares, views or votes are wide",
        "1000",
        tuple(
            Choice(str(limit), f"more than {limit:,}, where the data count them")
            for limit in (10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
        ),
    ),
)


def _viral(settings: Settings) -> Blueprint:
    above = float(settings["viral_above"])
    outcome = replace(_SHARED.column("viral"), wordings=(Wording(_COUNTS, above=above),))
    columns = (outcome if each.name == outcome.name else each for each in _SHARED.columns)
    what = (
        f"whether it is shared, or seen, widely: more than {above:,.0f} times where the data count"
    )
    return replace(_SHARED, columns=tuple(columns), what=what)


VIRAL_POTENTIAL_VARIANTS = Variants(PARAMETERS, _viral)
VIRAL_POTENTIAL = VIRAL_POTENTIAL_VARIANTS.default
