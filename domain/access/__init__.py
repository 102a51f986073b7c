"""Who may do what: limits, approvals by a second person, and the record of keys, people and roles."""
