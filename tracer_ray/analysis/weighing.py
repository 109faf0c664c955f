"""What the names of data say for or against a suggestion, beside the columns that were found."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from math import exp

from tracer_ray.analysis.profile import Profile
from tracer_ray.analysis.samples import JOINED
from tracer_ray.analysis.subject import subject_model, terms_of
from tracer_ray.analysis.suggestion import FITS_WELL, Suggestion

# What a score loses for each unit of log-probability by which the names are rather another's,
# and how far behind is no matter: one data set may serve several ends.
_BEHIND, _AS_LIKELY, _MOST_BEHIND = 0.2, 0.5, 3.0
_ABOUT = 0.85  # of what a suggestion lacks to fit, where the names are those of no other
_LONGEST_SHOWN = 40


def weighed_by_names(judged: Suggestion, profile: Profile) -> Suggestion:
    """A suggestion with a score that is lower, the surer the names are those of another.

    What does not fit is the nearer to it, the likelier its own names are; it never fits by them.
    A blueprint that the model of names does not know keeps its score.
    """
    lag, knowledge = _spoken(profile.name, profile.names)
    if judged.blueprint not in lag:
        return judged
    own = lag[judged.blueprint]
    score = max(judged.score - _BEHIND * min(max(-own - _AS_LIKELY, 0.0), _MOST_BEHIND), 0.0)
    if score < FITS_WELL:
        score += _ABOUT * (FITS_WELL - score) * exp(own) * knowledge**2
    likeliest = max(lag, key=lambda subject: lag[subject])
    is_told = score < FITS_WELL and (judged.blueprint == likeliest or judged.score >= FITS_WELL)
    said = _said(judged.blueprint, likeliest, profile) if is_told else ""
    return replace(judged, score=score, reason=judged.reason + said)


def is_likely(blueprint: str, profile: Profile) -> bool:
    """Whether the names of a data set may well be those of a blueprint, or nothing is known."""
    lag, _ = _spoken(profile.name, profile.names)
    return lag.get(blueprint, 0.0) >= -_AS_LIKELY


@lru_cache(maxsize=64)
def _spoken(name: str, columns: tuple[str, ...]) -> tuple[Mapping[str, float], float]:
    """What the names of a data set say, worked out once for all blueprints."""
    terms = terms_of(name.split(JOINED), columns)
    return subject_model().lag(terms), subject_model().knowledge(terms)


def _said(blueprint: str, likeliest: str, profile: Profile) -> str:
    """Which names speak for a blueprint, or rather for the likeliest one; "" where none does."""
    names = subject_model().telling(likeliest, profile.names) if likeliest else ()
    if not names:
        return ""
    shown = " and ".join(repr(name[:_LONGEST_SHOWN]) for name in names)
    if blueprint == likeliest:
        return f"; its field is told by {shown}"
    return f"; {shown} {'is' if len(names) == 1 else 'are'} rather of {likeliest}"
