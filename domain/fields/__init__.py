"""Fields of a tenant's own: what else is noted of customers and products, defined as data."""
