"""Parsing in a process that can be stopped."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syndication.errors import FeedError
from syndication.feeds.parse import parse
from syndication.feeds.worker import Parser

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
GOOD = b"<rss version='2.0'><channel><title>t</title><item><title>caf\xe9</title></item></channel></rss>"
LATIN = b"<?xml version='1.0' encoding='iso-8859-1'?>" + GOOD


def ask(parser: Parser, body: bytes) -> list[str]:
    feed = parser.parse(body, content_type=None, base_url="https://x.example/", language="en", now=NOW)
    return [entry.content.headline for entry in feed.entries]


@pytest.fixture
def parser() -> Iterator[Parser]:
    one = Parser(1, 10.0)
    yield one
    one.close()


def test_it_answers_as_parsing_here_does(parser: Parser) -> None:
    """The raw bytes too, which are of any encoding."""
    there = parser.parse(LATIN, content_type=None, base_url="https://x.example/", language="en", now=NOW)
    assert there == parse(LATIN, content_type=None, base_url="https://x.example/", language="en", now=NOW)


def test_a_refusal_is_the_same_sentence(parser: Parser) -> None:
    with pytest.raises(FeedError, match="HTML page"):
        ask(parser, b"<html></html>")
    assert ask(parser, LATIN) == ["café"]


def test_what_takes_too_long_is_stopped_and_the_next_is_read() -> None:
    """B17: no document can take this deadline; the child is killed, and a fresh one reads on."""
    parser = Parser(1, 0.001)
    try:
        with pytest.raises(FeedError, match="took"):
            ask(parser, LATIN)
        parser.children.seconds = 10.0
        assert ask(parser, LATIN) == ["café"]
    finally:
        parser.close()


def test_a_child_that_died_is_replaced(parser: Parser) -> None:
    ask(parser, LATIN)
    child = parser.children.idle.queue[0]
    assert child is not None
    child.kill()
    child.wait()
    assert ask(parser, LATIN) == ["café"]


def test_threads_share_it_and_nothing_is_left_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    parser = Parser(2, 20.0)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _: ask(parser, LATIN), range(30))) == [["café"]] * 30
    children = [child.pid for child in parser.children.idle.queue if child]
    parser.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
