"""Logs that cannot tell what they must not: an allow-list of events and of fields.

A log line is JSON on stderr. Its event is one of `EVENTS`, its fields are those of `FIELDS`, and a
field's value must have the form the list gives it. What is not on the list does not get out: an
unknown event becomes `unlisted`, an unknown field is dropped, a value of another form becomes "?".
Libraries log through the standard `logging`; of theirs only the logger's name, the level and the
type of an exception are kept, since a message or its arguments may hold anything.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

EVENTS = frozenset(
    {
        "started",
        "stopped",
        "request",
        "refused",
        "crashed",
        "library",
        "signed_in",
        "signed_out",
        "sign_in_failed",
        "logged_off",
        "paired",
        "pairing_failed",
        "unpaired",
        "imported",
        "observed",
        "decided",
        "packet",
        "sweep_asked",
        "sweep_started",
        "sweep_step",
        "sweep_ended",
        "engine_missing",
        "worker_taken_over",
        "heartbeat_missed",
        "audit_failed",
        "unlisted",
    }
)

_ROOT = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:<>/-]{0,119}")
_ROUTE = re.compile(r"/?[a-z0-9_./<>:-]{0,119}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "notset"})
_WHO = re.compile(r"(token|person|session|cli|system)(:[0-9]{1,19})?|anonymous")
_HEX = re.compile(r"[0-9a-f]{8,32}")
_MOMENT = re.compile(r"[0-9T:.Z+-]{10,40}")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return _whole(value) or isinstance(value, float)


def _like(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(values: frozenset[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in values


FIELDS: Mapping[str, Callable[[object], bool]] = {
    "event": _one_of(EVENTS),
    "level": _one_of(_LEVELS),
    "at": _like(_MOMENT),
    "request": _like(_HEX),
    "method": _one_of(_METHODS),
    "route": _like(_ROUTE),
    "status": _whole,
    "ms": _number,
    "bytes": _whole,
    "who": _like(_WHO),
    "practice": _like(re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")),
    "problem": _like(re.compile(r"[a-z0-9-]{1,40}")),
    "error": _like(_NAME),
    "place": _like(re.compile(r"[A-Za-z0-9_./-]{1,120}:[0-9]{1,6}")),
    "logger": _like(_NAME),
    "portal": _like(re.compile(r"[a-z0-9_-]{1,40}")),
    "account": _like(re.compile(r"[a-z0-9_-]{1,40}")),
    "sweep": _like(_ID),
    "worker": _like(_ID),
    "step": _like(re.compile(r"[a-z_]{1,40}")),
    "outcome": _like(re.compile(r"[a-z_]{1,40}")),
    "line": _whole,
    "count": _whole,
    "port": _whole,
    "workers": _whole,
    "version": _like(re.compile(r"[0-9][0-9A-Za-z.+-]{0,30}")),
}
"""What may stand in a log line, and the form its value must have."""


def allow_listed(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """structlog processor: keep what is on the list, in the form it is listed with."""
    kept: dict[str, Any] = {}
    for name, check in FIELDS.items():
        if name in line:
            value = line[name]
            kept[name] = value if check(value) else "?"
    if kept.get("event", "?") == "?":
        kept["event"] = "unlisted"
    return kept


class _Bridge(logging.Handler):
    """Takes the standard library's records and lets through who, how bad, and what type."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            fields.update(described(record.exc_info[1]))
        try:
            log().log(record.levelno, "library", **fields)
        except (ValueError, OSError):
            # stderr is closed or full: there is nobody left to tell.
            return


def described(error: BaseException | None) -> dict[str, str]:
    """An exception's type, and the last place in our own code it came through."""
    if error is None:
        return {}
    found = {"error": type(error).__name__}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(_ROOT) and ".venv" not in file.parts:
            found["place"] = f"{file.relative_to(_ROOT)}:{frame.lineno}"
            break
    return found


def log() -> Any:
    """The logger; every line goes through the allow-list."""
    return structlog.get_logger()


def set_up(level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log line of this process, ours and the libraries', through the allow-list."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(_Bridge())
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    log().critical("crashed", **described(error))


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    log().critical("crashed", **described(told.exc_value))
