"""How a moment and a frozen value stand in a column, the same on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from syndication.errors import StorageError


class Instant(TypeDecorator[datetime]):
    """A moment, in UTC, to the microsecond. One without a zone is refused: nobody could say when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: it gets the UTC time as text, which sorts."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone cannot be kept: {value}")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class Value(TypeDecorator[Any]):
    """A frozen value of the model, as JSON text: read back whole, of the same type, or not at all."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """As JSON, with what PostgreSQL's text cannot hold (NUL) escaped."""
        return None if value is None else _adapter(self.kind).dump_json(value).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Raises StorageError for what this version cannot read."""
        if value is None:
            return None
        try:
            return _adapter(self.kind).validate_json(value)
        except ValidationError as error:
            name = getattr(self.kind, "__name__", str(self.kind))
            raise StorageError(f"a {name} kept in the database cannot be read by this version: {error.errors()[0]['msg']}") from error
