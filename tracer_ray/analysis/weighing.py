"""What the names of data say for or against a suggestion, beside the columns that were found."""

from dataclasses import replace
from math import exp

from tracer_ray.analysis.profile import Profile
from tracer_ray.analysis.subject import subject_model, terms_of
from tracer_ray.analysis.suggestion import FITS_WELL, Suggestion

# What a score loses for each unit of log-probability by which the names are rather another's.
_BEHIND, _MOST_BEHIND = 0.2, 3.0
_ABOUT = 0.85  # of what a suggestion lacks to fit, where the names are those of no other


def weighed_by_names(judged: Suggestion, profile: Profile) -> Suggestion:
    """A suggestion with a score that is lower, the surer the names are those of another.

    What does not fit is the nearer to it, the likelier its own names are; it never fits by them.
    """
    model = subject_model()
    terms = terms_of((profile.name,), profile.names)
    lag = model.lag(terms)
    own = lag.get(judged.blueprint, 0.0)
    score = max(judged.score - _BEHIND * min(-own, _MOST_BEHIND), 0.0)
    if score < FITS_WELL:
        score += _ABOUT * (FITS_WELL - score) * exp(own) * model.knowledge(terms) ** 2
    likeliest = max(lag, key=lambda subject: lag[subject])
    is_told = score < FITS_WELL and (judged.blueprint == likeliest or judged.score >= FITS_WELL)
    said = _said(judged.blueprint, likeliest, profile) if is_told else ""
    return replace(judged, score=score, reason=judged.reason + said)


def _said(blueprint: str, likeliest: str, profile: Profile) -> str:
    """Which names speak for a blueprint, or rather for the likeliest one."""
    names = " and ".join(map(repr, subject_model().telling(likeliest, profile.names)))
    if not names:
        return ""
    is_own = blueprint == likeliest
    return f"; its field is told by {names}" if is_own else f"; {names} are rather of {likeliest}"
