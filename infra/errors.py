"""What an operator can mend."""


class OperatorError(Exception):
    """Its text says what is wrong and what to do; the command line shows it without a traceback."""


class MigrationError(OperatorError):
    """A schema can't be brought up to date; nothing of it was changed. The text says what to do."""
