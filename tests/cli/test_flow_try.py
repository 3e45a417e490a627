"""A feed is looked at as a poll would, and nothing of it is kept."""

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.fetch.faulty import Faulty, faulty, redirect, reply

TREE = Path(__file__).parents[2]
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>TRC</title><link>https://trc.example/</link>
<description>d</description><language>en</language><ttl>30</ttl><skipDays><day>Sunday</day></skipDays>
<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="next" href="/p2"/>{}</channel></rss>"""
ITEM = (
    "<item><guid>g{0}</guid><title>Story {0}</title><description>Text.</description><pubDate>Tue, 24 Nov 2026 07:00:00 GMT</pubDate></item>"
)


@dataclass(frozen=True)
class Tried:
    """A command line, and a partner's server whose address TRC's English flow has."""

    shell: Shell
    server: Faulty

    def kept(self) -> list[str]:
        """All that the database holds, as statements."""
        (path,) = [one for one in self.shell.data.rglob("*") if one.is_file() and one.read_bytes()[:15] == b"SQLite format 3"]
        with sqlite3.connect(path) as connection:
            return list(connection.iterdump())


@pytest.fixture
def tried(tmp_path: Path) -> Iterator[Tried]:
    config = shutil.copytree(TREE / "config", tmp_path / "config")
    with faulty() as server:
        trc = config / "partners" / "trc.toml"
        text = trc.read_text(encoding="utf-8").replace("https://feeds.trc.example/en.rss", server.url("/en.rss"))
        trc.write_text(text, encoding="utf-8")
        settings = config / "settings.toml"
        said = settings.read_text(encoding="utf-8") if settings.exists() else ""
        settings.write_text(f'{said}\n[allow]\ntrc = ["127.0.0.1/32:{server.port}"]\n', encoding="utf-8")
        shell = Shell(config, tmp_path / "data")
        shell.run("apply")
        server.answers["/en.rss"] = reply(200, RSS.format("".join(ITEM.format(number) for number in range(7))).encode())
        yield Tried(shell, server)


def test_what_is_there_and_what_would_become_of_it(tried: Tried) -> None:
    told = tried.shell.json("flow", "try", tried.server.url("/en.rss"))
    assert (told["title"], told["language"], told["entries"], told["asked"]) == ("TRC", "en", 7, 1800)
    assert (told["skip_days"], told["hubs"], told["older"]) == ([6], ["https://hub.example/"], tried.server.url("/p2"))
    assert (told["flow"], told["certificate_until"], told["moved_to"]) == ("trc-en", None, None)
    assert "vna-trc-2025 v1" in told["governed"]
    assert [one["guid"] for one in told["samples"]] == ["g0", "g1", "g2", "g3", "g4"]
    assert {one["verdict"].rpartition(", ")[0] for one in told["samples"]} == {"new, under vna-trc-2025 v1"}
    assert told["samples"][0]["date"] == "2026-11-24T07:00:00Z"


def test_as_a_table_with_its_redirects(tried: Tried) -> None:
    tried.server.answers["/old"] = redirect(tried.server.url("/en.rss"), 301)
    body = RSS.format("".join(ITEM.format(number) for number in range(7))).encode()
    tried.server.answers["/en.rss"] = reply(200, body, 'Link: </hub>; rel="hub"')
    told = tried.shell.run("flow", "try", tried.server.url("/old"), "--partner", "trc").stdout
    assert f"address\t{tried.server.url('/old')} -> {tried.server.url('/en.rss')}\n" in told
    assert f"moved for good\t{tried.server.url('/en.rss')}\n" in told
    assert "skips\thours (GMT): none; days: Sunday\n" in told
    assert [line for line in told.splitlines() if line.startswith("hub")] == [f"hub\t{tried.server.url('/hub')}"]
    assert "holds\t7 entries, 0 tombstones, 0 unreadable\n" in told
    assert "Story 4\t2026-11-24 07:00:00Z\ten\tg4\tnew, under vna-trc-2025 v1" in told
    assert "Story 5" not in told


def test_what_the_partner_says_in_words_counts_and_what_it_sends_is_no_command_to_a_terminal(tried: Tried) -> None:
    trc = tried.shell.config / "partners" / "trc.toml"
    text = trc.read_text(encoding="utf-8")
    trc.write_text(text.replace("\n[[flows]]", '\n[markers]\nkill = ["KILL:"]\n\n[[flows]]', 1), encoding="utf-8")
    tried.shell.run("apply")
    body = RSS.format(ITEM.format(0).replace("Story", "KILL: Story") + ITEM.format("1&#x9b;2J")).encode()
    tried.server.answers["/en.rss"] = reply(200, body, "Content-Type: text/xml\x1b[2J")
    told = tried.shell.run("flow", "try", tried.server.url("/en.rss")).stdout
    assert "KILL: Story 0\t2026-11-24 07:00:00Z\ten\tg0\tnew, under vna-trc-2025 v1, 2.1; marked as a kill ('KILL:')" in told
    assert [letter for letter in told if not letter.isprintable() and letter not in "\t\n"] == []


def test_nothing_is_kept(tried: Tried) -> None:
    """And, as the control, a poll keeps it."""
    before = tried.kept()
    tried.shell.run("flow", "try", tried.server.url("/en.rss"))
    assert tried.kept() == before
    tried.shell.run("flow", "poll", "trc-en")
    assert tried.kept() != before


def test_of_another_host_no_agreement_applies_and_no_private_address_is_open(tried: Tried) -> None:
    told = tried.shell.run("flow", "try", tried.server.url("/en.rss", host="localhost"), exit_code=1)
    assert "localhost" in told.stderr
    told = tried.shell.run("flow", "try", tried.server.url("/en.rss", host="localhost"), "--partner", "trc")
    assert "flow\tnone\nagreement\tno flow of ours is polled from localhost\n" in told.stdout


def test_what_is_wrong_is_said(tried: Tried) -> None:
    tried.server.answers["/page"] = reply(200, b"<html><body>hello</body></html>")
    for url, code, words in (("/page", 1, "feed"), ("/nowhere", 1, "404")):
        assert words in tried.shell.run("flow", "try", tried.server.url(url), exit_code=code).stderr
    told = tried.shell.run("flow", "try", tried.server.url("/en.rss"), "--partner", "trcc", exit_code=3)
    assert "did you mean 'trc'?" in told.stderr
