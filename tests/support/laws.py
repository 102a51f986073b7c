"""How the property tests run: the same examples every time, few enough for a second each."""

from hypothesis import HealthCheck, settings

a_law = settings(
    derandomize=True,
    max_examples=200,
    deadline=None,  # wall-clock is measured in bench/, never asserted
    database=None,  # derandomized: nothing to remember
    suppress_health_check=[HealthCheck.too_slow],
)
