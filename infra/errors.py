"""What an operator can mend."""


class OperatorError(Exception):
    """Its text says what is wrong and what to do; the command line shows it without a traceback."""
