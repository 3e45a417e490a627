"""What an installation sets: `settings.toml` and SYNDICATION_* in the environment, which wins, as one frozen value."""

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syndication.errors import ConfigError, Fault

PREFIX = "SYNDICATION_"
FILE = "settings.toml"
LANGUAGES = ("en", "fr", "ru", "vi")
NOT_SETTINGS = ("config",)
"""SYNDICATION_CONFIG names the folder; it is the command's, not the file's."""

Check = Callable[[Any], Any]
"""What was given -> the value, or a ValueError whose text follows the setting's name."""


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise ValueError("must be a text that is not empty")
    return given.strip()


def _optional(given: Any) -> str | None:
    return _text(given) if given != "" else None


def _address(given: Any) -> str:
    text = _text(given)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an http or https address without user, query or fragment")
    return text


def _place(given: Any) -> str | None:
    return _address(given) if given != "" else None


def _listen(given: Any) -> str:
    text = _text(given)
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8800")
    return text


def _zone(given: Any) -> str:
    text = _text(given)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a time zone of the IANA database, such as Asia/Ho_Chi_Minh") from error
    return text


def _language(given: Any) -> str:
    if given not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return str(given)


def _whole(least: int, most: int) -> Check:
    def check(given: Any) -> int:
        number = int(given) if isinstance(given, str) and given.strip().isdecimal() else given
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return number

    return check


def _seconds(least: float, most: float) -> Check:
    def check(given: Any) -> float:
        try:
            number = float(given)
        except (TypeError, ValueError) as error:
            raise ValueError("must be a number of seconds") from error
        if isinstance(given, bool) or not least <= number <= most:
            raise ValueError(f"must be a number of seconds from {least:g} to {most:g}")
        return number

    return check


def _openings(given: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        raise ValueError('must be a table of partners: trc = ["10.1.2.0/24:8443"]')
    return {str(partner): tuple(_opening(partner, one) for one in _list(partner, places)) for partner, places in given.items()}


def _list(partner: str, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise ValueError(f'{partner} must be a list, such as ["10.1.2.0/24:8443"]')
    return given


def _opening(partner: str, given: Any) -> str:
    network, _, port = str(given).rpartition(":")
    try:
        ipaddress.ip_network(network.strip("[]"))
    except ValueError as error:
        raise ValueError(f"{partner}: '{given}' must be a network and a port, such as 10.1.2.0/24:8443") from error
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{partner}: '{given}' names no port; 10.1.2.0/24:8443 would")
    return str(given)


def _setting(default: Any, check: Check, text: str) -> Any:
    return field(default=default, metadata={"check": check, "help": text})


def _secret(text: str) -> Any:
    return field(default=None, repr=False, metadata={"check": _optional, "help": text})


PASSWORD: Final = re.compile(r"(://[^/?#@:]*):[^/?#@]*@")


def shown(settings: "Settings") -> Iterator[tuple[str, str, str]]:
    """Every setting's name, its value now, and what it is for; of a secret, whether it is set, and of an address no password."""
    for one in fields(settings):
        value = getattr(settings, one.name)
        told = PASSWORD.sub(r"\1:...@", str(value)) if one.repr or value is None else "(set, and not shown)"
        yield one.name, told, str(one.metadata["help"])


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings. Sizes in bytes, times in seconds unless the name says otherwise."""

    agency: str = _setting("vna", _text, "Our own id among the parties of agreements.")
    agency_name: str = _setting("Vietnam News Agency", _text, "Our name, as partners and readers see it.")
    domain: str = _setting("vna.example", _text, "A domain we own: stories are named under it for ever (RFC 4151). Never change it.")
    home: str = _setting("https://vna.example/", _address, "Our home page, named in every feed.")
    base_url: str = _setting("http://127.0.0.1:8800", _address, "The address by which partners and editors reach this server.")
    desk_language: str = _setting("en", _language, "The desk's language for who has not chosen: en, fr, ru or vi.")
    timezone: str = _setting("Asia/Ho_Chi_Minh", _zone, "The zone in which the desk shows times.")
    listen: str = _setting("127.0.0.1:8800", _listen, "Where the web answers: HOST:PORT.")
    database: str | None = _setting(None, _optional, "postgresql://... or sqlite:///...; without it, SQLite in the data folder.")
    data: str = _setting("var/data", _text, "The folder of the embedded database and of the secret key.")
    journal: str | None = _setting(
        None, _optional, "The file of the kill journal; without it, syndication.journal beside the SQLite database, or in the data folder."
    )
    trusted_proxies: int = _setting(0, _whole(0, 5), "How many proxies of ours stand in front; their X-Forwarded-For is believed.")
    contact: str = _setting("https://vna.example/contact", _text, "Told to partners' servers in the User-Agent: whom to write to.")
    poll_workers: int = _setting(8, _whole(1, 64), "How many flows one process polls at a time.")
    push_workers: int = _setting(8, _whole(2, 64), "To how many subscribers one process sends at a time.")
    poll_interval_minimum: int = _setting(60, _whole(1, 86_400), "No flow is polled more often than once in so many seconds.")
    lease_seconds: int = _setting(
        120, _whole(30, 3_600), "After so long a worker that fell silent loses its flow, or its subscriber, to another."
    )
    fetch_wire_bytes: int = _setting(10 * 1024 * 1024, _whole(1_024, 1 << 30), "Most bytes a partner's answer may have on the wire.")
    fetch_body_bytes: int = _setting(10 * 1024 * 1024, _whole(1_024, 1 << 30), "Most bytes it may have when unpacked.")
    fetch_connect: float = _setting(3.0, _seconds(0.1, 60), "Longest wait for a connection.")
    fetch_read: float = _setting(5.0, _seconds(0.1, 60), "Longest silence of a server.")
    fetch_total: float = _setting(20.0, _seconds(0.1, 300), "Longest visit, redirects included.")
    fetch_redirects: int = _setting(3, _whole(0, 10), "Most redirects followed in one visit.")
    media_bytes: int = _setting(50 * 1024 * 1024, _whole(1_024, 1 << 30), "Most bytes a picture, audio or video may have.")
    media_partner_bytes: int = _setting(
        20 * 1024**3, _whole(0, 1 << 50), "Most bytes that are kept of what one partner sends with its items; 0: none is fetched."
    )
    media_reserve_bytes: int = _setting(
        256 * 1024 * 1024, _whole(0, 1 << 50), "So many bytes stay free on the disk of the data folder: no picture is taken into them."
    )
    media_bucket: str | None = _setting(None, _optional, "A bucket that speaks S3, to keep their bytes in instead of on our own disk.")
    media_endpoint: str | None = _setting(None, _place, "Where that bucket is, if not with Amazon: https://s3.vna.example")
    media_region: str = _setting("us-east-1", _text, "Its region.")
    media_key: str | None = _setting(None, _optional, "The id of the key to it; without one, the machine's own is used.")
    media_secret: str | None = _secret("The secret of that key: better in the environment. It is never shown.")
    media_total: float = _setting(120.0, _seconds(0.1, 3_600), "Longest visit that brings one home, redirects included.")
    feed_entries: int = _setting(50, _whole(1, 500), "So many stories a feed shows, newest first; older ones are in its archives.")
    urgent_per_hour: int = _setting(
        30, _whole(0, 10_000), "So many items of one partner may be urgent within an hour; more are taken as ordinary ones, and flagged."
    )
    undo_seconds: int = _setting(30, _whole(0, 3_600), "For so long an editor may undo a decision.")
    session_hours: int = _setting(12, _whole(1, 168), "An editor's session ends after so many hours.")
    attempts_per_minute: int = _setting(10, _whole(1, 1_000), "Wrong passwords or tokens from one address in a minute; after them, 429.")
    requests_per_minute: int = _setting(600, _whole(1, 10_000_000), "Requests of one token in a minute, to each process; after them, 429.")
    newsroom_folder: str | None = _setting(None, _optional, "A folder from which our own stories are taken; without it, none is.")
    newsroom_feed: str | None = _setting(None, _place, "The address of our own CMS's feed, whose entries are our stories; else none.")
    newsroom_interval: int = _setting(60, _whole(1, 86_400), "Our own feed is visited once in so many seconds.")
    allow: dict[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata={
            "check": _openings,
            "help": "Private networks that one partner's flows may reach: trc = ['10.1.2.0/24:8443']; our own id: our CMS's feed.",
        },
    )


def table() -> Iterator[tuple[str, str]]:
    """Every setting's name and what it is for, in order: for the command, the docs and the commented example."""
    for one in fields(Settings):
        yield one.name, str(one.metadata["help"])


def defaults() -> dict[str, Any]:
    """Every setting's default."""
    return {one.name: one.default if one.default is not MISSING else {} for one in fields(Settings)}


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of `config/settings.toml`, where there is one, and of the environment.

    Raises ConfigError with every fault: a key that is unknown, a value that cannot be.
    """
    faults: list[Fault] = []
    given = [(FILE, key, value) for key, value in _of_file(config, faults).items()]
    named = ((name, name.removeprefix(PREFIX).lower()) for name in sorted(environ) if name.startswith(PREFIX))
    given += [("environment", key, environ[name]) for name, key in named if key not in NOT_SETTINGS]
    checks = {one.name: one.metadata["check"] for one in fields(Settings)}
    values: dict[str, Any] = {}
    for place, key, value in given:
        if key not in checks:
            faults.append(Fault(place, key, f"is no setting{_meant(key, tuple(checks))}"))
            continue
        try:
            values[key] = checks[key](value)
        except ValueError as error:
            faults.append(Fault(place, key, str(error)))
    if faults:
        raise ConfigError(tuple(faults))
    return Settings(**values)


def _of_file(config: Path | None, faults: list[Fault]) -> dict[str, Any]:
    path = config / FILE if config else None
    if path is None or not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.append(Fault(str(path), "", f"cannot be read: {error}"))
        return {}


def _meant(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else "; 'syndication settings' lists them all"
