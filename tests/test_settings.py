"""What an installation sets, and what it is told when it sets what cannot be."""

from pathlib import Path
from typing import Any

import pytest

from syndication.errors import ConfigError
from syndication.settings import Settings, defaults, load, shown, table


def written(folder: Path, text: str) -> Path:
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_the_defaults_stand() -> None:
    assert load(None, {}) == Settings()


def test_the_file_is_taken_and_the_environment_wins(tmp_path: Path) -> None:
    config = written(tmp_path, 'agency = "kz"\nfeed_entries = 20\n[allow]\ntrc = ["10.1.2.0/24:8443"]\n')
    loaded = load(config, {"SYNDICATION_FEED_ENTRIES": "30", "SYNDICATION_CONFIG": "elsewhere", "PATH": "/bin"})
    assert (loaded.agency, loaded.feed_entries, loaded.allow) == ("kz", 30, {"trc": ("10.1.2.0/24:8443",)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("feed_entrys = 3", "feed_entrys: is no setting; did you mean 'feed_entries'?", id="a key misspelt"),
        pytest.param("zzz = 3", "'syndication settings' lists them all", id="a key like no other"),
        pytest.param("feed_entries = 0", "feed_entries: must be a whole number from 1 to 500", id="a number too small"),
        pytest.param("feed_entries = true", "feed_entries: must be a whole number", id="a truth for a number"),
        pytest.param("feed_entries = 2.5", "feed_entries: must be a whole number", id="half an entry"),
        pytest.param('fetch_total = "soon"', "fetch_total: must be a number of seconds", id="a word for seconds"),
        pytest.param("fetch_total = inf", "fetch_total: must be a number of seconds from", id="no end of seconds"),
        pytest.param("fetch_total = nan", "fetch_total: must be a number of seconds from", id="not a number of seconds"),
        pytest.param('agency = ""', "agency: must be a text", id="an empty text"),
        pytest.param('base_url = "ftp://x.example/"', "base_url: must be an http", id="another scheme"),
        pytest.param('base_url = "https://u:p@x.example/"', "base_url: must be an http", id="a password in the address"),
        pytest.param('timezone = "Asia/Hanoi2"', "timezone: must be a time zone", id="no such zone"),
        pytest.param('timezone = "../../etc/passwd"', "timezone: must be a time zone", id="a path for a zone"),
        pytest.param('newsroom_feed = "file:///etc/passwd"', "newsroom_feed: must be an http", id="a feed of ours that is a file"),
        pytest.param("newsroom_interval = 0", "newsroom_interval: must be a whole number", id="our feed without a pause"),
        pytest.param('desk_language = "de"', "desk_language: must be one of", id="a language we do not speak"),
        pytest.param('listen = "8800"', "listen: must be HOST:PORT", id="no host to listen on"),
        pytest.param('listen = "127.0.0.1:99999"', "listen: must be HOST:PORT", id="a port that cannot be"),
        pytest.param('[allow]\ntrc = ["10.1.2.3"]', "allow: trc: '10.1.2.3'", id="an opening without a port"),
        pytest.param('[allow]\ntrc = "10.1.2.3:80"', "allow: trc must be a list", id="an opening that is no list"),
        pytest.param("allow = 3", "allow: must be a table", id="openings that are no table"),
        pytest.param("agency = ", "settings.toml: cannot be read", id="no TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), {})
    assert said in str(caught.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, 'feed_entries = 0\nagencys = "x"\n'), {"SYNDICATION_LISTEN": "here"})
    assert [fault.key for fault in caught.value.faults] == ["feed_entries", "agencys", "listen"]


def test_a_file_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


def test_a_private_network_is_not_opened_from_the_environment() -> None:
    with pytest.raises(ConfigError, match="must be a table"):
        load(None, {"SYNDICATION_ALLOW": "trc=10.0.0.0/8:80"})


@pytest.mark.parametrize(("name", "default"), [(name, default) for name, default in defaults().items() if default not in (None, {})])
def test_every_default_is_a_value_that_may_be_set(name: str, default: Any) -> None:
    assert getattr(load(None, {f"SYNDICATION_{name.upper()}": str(default)}), name) == default


def test_the_table_says_what_each_is_for() -> None:
    assert [name for name, text in table() if len(text) < 10] == []


def test_what_is_shown_has_no_password_in_it() -> None:
    """Whoever reads the list of settings may not open the database by it."""
    settings = Settings(database="postgresql://desk:hunter2@db.example:5432/x", media_secret="s3cret")
    said = {name: value for name, value, _ in shown(settings)}
    assert said["database"] == "postgresql://desk:...@db.example:5432/x"
    assert said["media_secret"] == "(set, and not shown)"
    assert said["base_url"] == Settings().base_url
