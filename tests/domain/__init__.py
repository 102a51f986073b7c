"""The rules, tested without a database and without doubles."""
