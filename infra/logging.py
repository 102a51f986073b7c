"""Logs: one JSON object a line on standard error. No personal data, no secrets, no codes."""

import logging
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

# structlog loads rich, where there is one, to colour a console that Daybook does not write to: a sixth of the
# time that a command takes to start. None says that there is none.
if not TYPE_CHECKING and "rich" not in sys.modules:
    sys.modules["rich"] = None
    import structlog

    del sys.modules["rich"]

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that is being answered, in every line that is logged meanwhile."""

_MASK = "***"
# What secrets look like, wherever they turn up: keys and tokens, Authorization headers, passwords in
# addresses of databases and as fields. Nobody should log one; this is for errors whose text quotes it.
_SECRETS = (
    (re.compile(r"\b(dbk_[0-9a-z]{1,64})_[0-9a-z]{8,}"), rf"\1_{_MASK}"),
    (re.compile(r"\bdbs_[0-9a-f]{8,}"), f"dbs_{_MASK}"),
    (re.compile(r"\b((?:bearer|basic)\s+)(?!dbk_|dbs_)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1{_MASK}"),
    (re.compile(r"(\b\w+://[^\s:@/]*):[^\s@]+@"), rf"\1:{_MASK}@"),
    (re.compile(r"(password\w*\\?[\"']?\s*[=:]\s*\\?[\"'])[^\"'\\]*", re.IGNORECASE), rf"\1{_MASK}"),
    (re.compile(r"(password\w*\s*[=:]\s*)[^\s,;&\"'\\]+", re.IGNORECASE), rf"\1{_MASK}"),
)


def without_secrets(text: str) -> str:
    """The text with a mask in place of whatever looks like a secret."""
    for pattern, mask in _SECRETS:
        text = pattern.sub(mask, text)
    return text


def _with_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if (request_id := REQUEST_ID.get()) is not None:
        event.setdefault("request_id", request_id)
    return event


def _print_masked(file: TextIO) -> Callable[..., structlog.PrintLogger]:
    """Loggers that print the finished line, masked: whatever a processor put into it."""

    class Masked(structlog.PrintLogger):
        def msg(self, message: str) -> None:
            super().msg(without_secrets(message))

        log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg

    return lambda *_names: Masked(file)


class _Masked(structlog.stdlib.ProcessorFormatter):
    """For the lines of libraries: they look like ours, and tell the request, too."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


def configure_logging(level: str) -> None:
    """Sets structlog up for this process, and passes the libraries' own warnings through it."""
    number = getattr(logging, level.upper())
    told: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*told, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_print_masked(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Masked(
            foreign_pre_chain=told,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
    # Pools report every failed attempt to reconnect; what matters is raised to the caller.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
