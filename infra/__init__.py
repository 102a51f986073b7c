"""Everything that touches the world: settings, processes, PostgreSQL, the event store, keys and logs."""
