"""The configurations that are tried before anything is searched."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """One model family with one configuration."""

    family: str
    params: tuple[tuple[str, float | int | str], ...] = ()

    @property
    def settings(self) -> dict[str, float | int | str]:
        """The configuration as a new dictionary."""
        return dict(self.params)


def candidate(family: str, **settings: float | int | str) -> Candidate:
    """A candidate as it is written in a blueprint.

    >>> candidate("elastic_net", alpha=0.1).settings
    {'alpha': 0.1}
    """
    return Candidate(family, tuple(sorted(settings.items())))


# What an entity's own model may add to the pooled one, cautious first: strong shrinkage wins where
# entities differ little (players), weak shrinkage where they react differently (stores).
OWN_MODELS = (
    candidate("elastic_net", alpha=0.5, l1_ratio=0.1, prior_rows=1000),
    candidate("elastic_net", alpha=0.05, l1_ratio=0.1, prior_rows=100),
    candidate(
        "lightgbm",
        num_leaves=4,
        depth=3,
        learning_rate=0.03,
        rounds=50,
        min_data_in_leaf=20,
        l2=10.0,
    ),
    candidate("elastic_net", alpha=0.01, l1_ratio=0.1, prior_rows=20),
)


@dataclass(frozen=True)
class Portfolio:
    """Configurations tried first, in this order, before anything is searched."""

    pooled: tuple[Candidate, ...]
    entity: tuple[Candidate, ...] = OWN_MODELS
