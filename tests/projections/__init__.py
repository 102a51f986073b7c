"""Read models: folds, and the runner that keeps them up to the journal."""
