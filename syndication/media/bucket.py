"""The bytes of renditions in a store that speaks S3, under the names that they would have on the disk. Needs obstore: the extra `s3`."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from syndication.errors import ConfigError, Fault, StorageError
from syndication.settings import Settings

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store
except ImportError:
    INSTALLED = False
else:
    INSTALLED = True

CHUNK: Final = 256 * 1024
PATIENCE: Final = {"connect_timeout": "3s", "timeout": "30s"}
RETRIES: Final = {"max_retries": 1, "retry_timeout": timedelta(seconds=5)}
"""What is deleted is deleted within a transaction, which must not wait for long."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Whatever obstore calls a store. What is put there is whole and lasting before `put` ends, or is not there."""

    store: Any

    @classmethod
    def of(cls, settings: Settings) -> "Bucket | None":
        """The bucket of this installation; None where it keeps its bytes on its own disk. Raises ConfigError where obstore is missing."""
        if settings.media_bucket is None:
            return None
        return _opened(settings.media_bucket, settings.media_endpoint, settings.media_region, settings.media_key, settings.media_secret)

    def put(self, file: Path, name: str) -> None:
        """Keep the bytes of the file under that name."""
        with _named(name):
            obstore.put(self.store, name, file)

    def has(self, name: str) -> bool:
        """Whether there is anything under that name."""
        try:
            with _named(name):
                obstore.head(self.store, name)
        except FileNotFoundError:
            return False
        return True

    def open(self, name: str) -> IO[bytes]:
        """The bytes, read as they are asked for. Raises FileNotFoundError where there are none."""
        with _named(name):
            return io.BufferedReader(_Reading(obstore.open_reader(self.store, name), name), CHUNK)

    def remove(self, name: str) -> None:
        """Nothing is under that name any more."""
        try:
            with _named(name):
                obstore.delete(self.store, name)
        except FileNotFoundError:
            return


class _Reading(io.RawIOBase):
    """As a file; a store that fails while it is read fails in our words."""

    def __init__(self, reader: Any, name: str) -> None:
        self._reader = reader
        self._name = name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any) -> int:
        with _named(self._name):
            data = bytes(self._reader.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


@cache
def _opened(bucket: str, endpoint: str | None, region: str, key: str | None, secret: str | None) -> Bucket:
    if not INSTALLED:
        fault = "needs a library that is not installed: pip install 'syndication[s3]'"
        raise ConfigError((Fault("settings", "media_bucket", fault),))
    named = {"endpoint": endpoint, "access_key_id": key, "secret_access_key": secret}
    more: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    more["client_options"] = {**PATIENCE, "allow_http": (endpoint or "").startswith("http:")}
    more["retry_config"] = RETRIES
    return Bucket(S3Store(bucket, region=region, **more))


@contextmanager
def _named(name: str) -> Iterator[None]:
    """In our own words, without those of the library: they may tell of addresses and keys."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageError(
            f"the bucket did not take, or give, {name[:20]} ({type(error).__name__}): see media_bucket and its keys, and whether it answers"
        ) from error
