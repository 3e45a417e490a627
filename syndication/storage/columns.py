"""How a moment and a frozen value stand in a column, the same on SQLite and on PostgreSQL."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy import DateTime, Dialect, types
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from syndication.errors import StorageError

Kept = TypeVar("Kept")


class Instant(TypeDecorator[datetime]):
    """A moment, in UTC, to the microsecond. One without a zone is refused: nobody could say when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone: it gets the UTC time as text, which sorts."""
        if value is None:
            return None
        _refuse_naive(value)
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class String(TypeDecorator[str]):
    """Text that both databases can hold: PostgreSQL refuses NUL, which SQLite would keep, and neither takes half a surrogate pair (B12)."""

    impl = types.String
    cache_ok = True

    def coerce_compared_value(self, _op: OperatorType | None, _value: Any) -> TypeEngine[Any]:
        """What is looked for may be anything that a stranger types: it is then not found, and that is no failure."""
        return Sought()

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Raises StorageError for what cannot be held: whoever takes text in should have cleaned it."""
        if value is not None and not _can_be_held(value):
            raise StorageError(f"a text cannot be stored: it holds a NUL character, or half a surrogate pair, in {value[:60]!a}")
        return value


class Text(String):
    """The same, for what may be long."""

    impl = types.Text
    cache_ok = True


class Sought(TypeDecorator[str]):
    """The text that a column is compared with."""

    impl = types.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """With U+FFFD for what no column holds."""
        if value is None or _can_be_held(value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _can_be_held(value: str) -> bool:
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


SHORT = 8_192
"""Texts of at most so many characters are remembered with what they say."""


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def written(kind: Any, value: Any) -> str:
    """A frozen value as it stands in a column."""
    return _adapter(kind).dump_json(value).decode()


class Value(TypeDecorator[Any]):
    """A frozen value of the model, as JSON text: read back whole, of the same type, or not at all."""

    impl = types.Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """As JSON, with NUL escaped. Raises StorageError for a moment without a zone, deep within too, and for half a surrogate pair."""
        if value is None:
            return None
        _refuse_naive(value)
        try:
            return written(self.kind, value)
        except PydanticSerializationError as error:
            raise StorageError(f"a {type(value).__name__} cannot be stored: its text holds half a surrogate pair") from error

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Raises StorageError for what this version cannot read."""
        if value is None:
            return None
        return _said(self.kind, value)


def read_whole(kind: type[Kept], value: str) -> Kept:
    """The value of that JSON text. Raises StorageError where it cannot be read, or says something that this version has no word for."""
    found: Kept = _said(kind, value, "forbid")
    return found


def _said(kind: Any, value: str, extra: Literal["forbid"] | None = None) -> Any:
    return _remembered(kind, value, extra) if len(value) <= SHORT else _read(kind, value, extra)


def _read(kind: Any, value: str, extra: Literal["forbid"] | None = None) -> Any:
    try:
        return _adapter(kind).validate_json(value, extra=extra)
    except ValidationError as error:
        first = error.errors()[0]
        name, place = getattr(kind, "__name__", str(kind)), ".".join(str(one) for one in first["loc"])
        said = f"{place}: {first['msg']}" if place else first["msg"]
        raise StorageError(f"a {name} kept in the database cannot be read by this version: {said}") from error


# What is read is frozen, and the same text always says the same: agreements, flows and Stamps are read thousands of times.
_remembered = lru_cache(maxsize=8_192)(_read)


def _refuse_naive(value: Any) -> None:
    """Raises StorageError for a moment without a zone, here or within: read back, it could not be compared with any other (T04)."""
    if value is None or isinstance(value, str | int):
        return  # nearly all that there is
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise StorageError(f"the moment {value.isoformat()} has no time zone, so it cannot be stored")
    elif isinstance(value, tuple):
        for one in value:
            _refuse_naive(one)
    elif is_dataclass(value):
        kind: Any = type(value)
        for name in _names(kind):
            _refuse_naive(getattr(value, name))


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Of the fields; to ask for them at each value takes longer than to look at them."""
    return tuple(field.name for field in fields(kind))
