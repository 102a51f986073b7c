"""The journal and its clerk, on a real PostgreSQL."""
