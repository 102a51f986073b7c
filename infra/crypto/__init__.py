"""Keys and sealed personal data: one key a person, wrapped by a master key; keyed hashes of secrets."""
