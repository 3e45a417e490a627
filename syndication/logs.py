"""One line an event, on standard error: `2026-11-24T08:00:00Z info polled flow=trc-en outcome=updated new=3`."""

import logging
import sys
from typing import Any, Final, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

LONGEST: Final = 2_000
"""Characters of one value; a hostile header or title does not fill the disk (W13)."""


def escaped(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """No value can begin a line of its own or speak to a terminal: what is not printable is written as its escape (W13)."""
    return {key: _one_line(value) if isinstance(value, str) else value for key, value in event.items()}


def _one_line(text: str) -> str:
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… ({len(text)} characters)"
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text)


def _line(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    head = f"{event.pop('timestamp')} {event.pop('level')} {event.pop('event')}"
    trace = event.pop("exception", None)
    said = " ".join(f"{key}={_value(value)}" for key, value in event.items() if value is not None)
    return " ".join(part for part in (head, said, f"trace={_value(trace)}" if trace else "") if part)


def _value(value: Any) -> str:
    text = str(value)
    return '"' + text.replace('"', "'") + '"' if " " in text or not text else text


def configure() -> None:
    """Send every event to standard error, one line each."""
    # The scheduler says of each tick that is left out, for the one before is still at work, a line in a form of its own: it is no fault.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            escaped,
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Asked for at each event: whoever changes sys.stderr, as tests do, gets the line there.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


logger = cast(FilteringBoundLogger, structlog.get_logger())
