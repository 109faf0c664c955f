"""A home with the champions of three components, for all tests of composites."""

import pytest

from blueprints.customer_churn import CUSTOMER_CHURN
from blueprints.price_elasticity import PRICE_ELASTICITY
from blueprints.upsell_likelihood import UPSELL_LIKELIHOOD
from tests.in_process import released
from tracer_ray.registry.pointers import Pointer, write_pointer
from tracer_ray.synthetic import customers, declared, weekly_prices


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Champions of three of the four components; nothing of payment_default is promoted."""
    home = tmp_path_factory.mktemp("composites")
    prices = weekly_prices(products=6, weeks=90, seed=4).rows
    for blueprint, table in (
        (CUSTOMER_CHURN, customers(n=700, seed=1).rows),
        (PRICE_ELASTICITY, prices),
        (UPSELL_LIKELIHOOD, declared(UPSELL_LIKELIHOOD, 700, 0).rows),
    ):
        made = released(blueprint, table, home / blueprint.id)
        write_pointer(str(home), Pointer(blueprint.id, made.name, made.uri, 1))
    return str(home)
