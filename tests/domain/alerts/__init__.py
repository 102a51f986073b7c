"""Orders are suggested from demand and say why."""
