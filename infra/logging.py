"""Logs: one JSON object a line on standard error. No personal data, no secrets, no codes."""

import logging
import sys

import structlog


def configure_logging(level: str) -> None:
    """Sets structlog up for this process, and passes the libraries' own warnings through it."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(message)s")
    # Pools report every failed attempt to reconnect; what matters is raised to the caller.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
