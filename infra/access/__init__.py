"""People at the doors: roles, passwords, sessions, attempts to sign in, and recorded changes of all of it."""
