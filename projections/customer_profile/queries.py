"""Reading customer_profile."""

from projections.customer_profile.fold import CUSTOMER_PROFILE, CustomerProfile
from projections.kernel.table import Connection


async def profile_of(connection: Connection, customer_id: str) -> CustomerProfile:
    """The customer's profile; zeros where nothing has happened yet."""
    return (await CUSTOMER_PROFILE.load(connection, [(customer_id,)]))[(customer_id,)]
