"""Log lines: one per event, with the request's id; ids instead of addresses (running.md, logs)."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id", "request", "taskName"}


_ESCAPES = {number: f"\\x{number:02x}" for number in (*range(32), 127)}


class RequestIdFilter(logging.Filter):
    """Puts the present request's id on every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass."""
        record.request_id = request_id.get()
        return True


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class LineFormatter(logging.Formatter):
    """A readable line for local mode."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, extras, request id."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        extra = "".join(f" {key}={value}" for key, value in _extra(record).items())
        ident = getattr(record, "request_id", "")
        line = f"{moment} {record.levelname:<7} {record.name}: {record.getMessage()}{extra}"
        line = line.translate(_ESCAPES)  # one event stays one line, whatever a path holds
        if ident:
            line += f" [{ident}]"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line for production."""

    def format(self, record: logging.LogRecord) -> str:
        """Every extra becomes a key of its own."""
        event: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "requestId": getattr(record, "request_id", ""),
            **_extra(record),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, default=str, ensure_ascii=False)
