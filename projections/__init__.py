"""Read models: folds of the journal, each named after the question it answers."""
