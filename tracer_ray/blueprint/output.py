"""The fields of an answer, and what the predictor knows that they may say."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """What the predictor knows of a prediction, to be named by a blueprint's output."""

    VALUE = "value"
    PROBABILITY = "probability"
    COMPLEMENT = "complement"
    DRAW = "draw"
    CLASS = "class"  # what the probability means at the threshold
    THRESHOLD = "threshold"
    THRESHOLD_REASON = "threshold_reason"
    RISK = "risk"  # the name of the probability's band
    INTERVAL = "interval"
    OVER = "over"
    UNDER = "under"
    RECOMMENDATION = "recommendation"
    CONFIDENCE = "confidence"
    EXPECTED_VALUE = "expected_value"
    BASELINE = "baseline"
    ABOVE_ZERO = "above_zero"  # the probability that the outcome is above 0
    REASONS = "reasons"  # what moved the answer the most, and by how much
    # of the distribution of a logarithmic return, as shares of the value
    VOLATILITY = "volatility"  # its standard deviation
    VALUE_AT_RISK = "value_at_risk"  # what is lost at most with a probability of `share`
    EXPECTED_SHORTFALL = "expected_shortfall"  # what is lost on average beyond that
    # among the rows of one batch and day
    SCORE = "score"  # what rows are ranked by, higher is better
    RANK = "rank"  # 1 is the highest score; equal scores share the better place
    RANKED = "ranked"  # how many rows were ranked
    PERCENTILE = "percentile"  # the share of the others that it is above, equal ones half
    PROTOCOLS = "protocols"  # what to do about reasons of a kind
    WINDOW = "window"  # the days until the outcome, from the lifetimes of others at the same risk
    # of a whole forecast, where the blueprint has a horizon and no day is asked about
    PATH = "path"
    TOTAL = "total"
    TOTAL_INTERVALS = "total_intervals"
    TREND = "trend"
    SEASONALITY = "seasonality"
    # of a declared response to a price
    ELASTICITY = "elasticity"
    ELASTICITY_ERROR = "elasticity_error"
    ELASTICITY_INTERVAL = "elasticity_interval"
    ELASTICITY_LEVEL = "elasticity_level"
    ELASTICITY_REASON = "elasticity_reason"
    CURRENT_PRICE = "current_price"
    BEST_PRICE = "best_price"
    BEST_PRICE_REASON = "best_price_reason"
    VOLUME_IMPACT = "volume_impact"
    REVENUE_IMPACT = "revenue_impact"
    PROFIT_IMPACT = "profit_impact"
    RESPONSE_CURVE = "response_curve"
    REFUSAL = "refusal"


RESPONSE_SOURCES = frozenset(
    {
        Source.ELASTICITY,
        Source.ELASTICITY_ERROR,
        Source.ELASTICITY_INTERVAL,
        Source.ELASTICITY_LEVEL,
        Source.ELASTICITY_REASON,
        Source.CURRENT_PRICE,
        Source.BEST_PRICE,
        Source.BEST_PRICE_REASON,
        Source.VOLUME_IMPACT,
        Source.REVENUE_IMPACT,
        Source.PROFIT_IMPACT,
        Source.RESPONSE_CURVE,
        Source.REFUSAL,
    }
)

FORECAST_SOURCES = frozenset(
    {Source.PATH, Source.TOTAL, Source.TOTAL_INTERVALS, Source.TREND, Source.SEASONALITY}
)


TAIL_SOURCES = frozenset({Source.VALUE_AT_RISK, Source.EXPECTED_SHORTFALL})

RANK_SOURCES = frozenset({Source.SCORE, Source.RANK, Source.RANKED, Source.PERCENTILE})

DECIDED = frozenset({Source.CLASS, Source.THRESHOLD, Source.THRESHOLD_REASON, Source.RISK})


@dataclass(frozen=True)
class OutputField:
    """One field of the answer: its name to the user and where it comes from.

    `steps` says over how many periods a total is taken, `share` how sure a value at risk is.
    """

    name: str
    source: Source
    description: str
    unit: str = ""
    steps: int = 0
    share: float = 0.0


def reasons_field(name: str) -> OutputField:
    """The field of what moved a probability.

    >>> reasons_field("risk_vectors").source.value
    'reasons'
    """
    what = "the features that moved the probability the most, each with a sentence to quote"
    return OutputField(name, Source.REASONS, what)


@dataclass(frozen=True)
class Protocol:
    """What to do where the probability is raised by reasons of a kind.

    A reason is of the kind when a word of its feature's name is one of `words`, or the plural.
    """

    kind: str
    words: tuple[str, ...]
    advice: str

    def concerns(self, feature: str) -> bool:
        """Whether a feature of that name is of this kind.

        >>> Protocol("price", ("charge",), "call").concerns("log_monthly_charges")
        True
        """
        words = feature.split("_")
        return any(word in self.words or word.removesuffix("s") in self.words for word in words)
