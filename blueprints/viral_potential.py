"""Which posts will be shared widely."""

from tracer_ray.blueprint import Answer, Baseline, Blueprint, Leak, Target, Wording
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

_COLUMNS = (
    row_id("post_id", "identifies the post", "content_id", "tweet_id", "video_id", "url"),
    moment("posted_at", "when it is posted", "published_at", "created_at", "publish_date"),
    outcome(
        "viral",
        "whether it was shared widely",
        "is_viral",
        "went_viral",
        wordings=(Wording(("shares", "share_count", "retweets", "reposts"), above=1000.0),),
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

VIRAL_POTENTIAL = Blueprint(
    id="viral_potential",
    name="Viral potential",
    category="media",
    use_case="Put a budget behind the posts that may take off.",
    who="one post",
    when="an hour after posting, or before it where nothing of the first hour is given",
    what="whether it is shared widely (more than 1,000 times where the data count shares)",
    horizon="the time over which the outcome column counts",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(
        Leak(
            ("likes", "comments", "views", "impressions", "engagement", "reach"),
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
