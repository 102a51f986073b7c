"""PostgreSQL: the embedded server and the migrations."""
