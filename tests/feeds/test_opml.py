"""OPML of what we poll: no secret of a partner's address is in it."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from syndication.feeds.opml import of, public
from tests import worlds


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://a.example/f?format=rss&lang=en", "https://a.example/f?format=rss&lang=en", id="nothing to hide"),
        pytest.param("https://a.example/f?token=t0p&format=rss", "https://a.example/f?format=rss", id="a token"),
        pytest.param("https://a.example/f?API_KEY=t0p", "https://a.example/f", id="a key in capitals"),
        pytest.param("https://a.example/f?x=1&X-Amz-Signature=t0p", "https://a.example/f?x=1", id="a signature"),
        pytest.param("https://mai:t0p@a.example:8443/f", "https://a.example:8443/f", id="a password"),
        pytest.param("https://a.example/f#access_token=t0p", "https://a.example/f", id="a fragment"),
        pytest.param("https://a.example/f?password", "https://a.example/f", id="a name alone"),
    ],
)
def test_what_may_be_a_secret_is_left_out(url: str, shown: str) -> None:
    assert public(url) == shown
    text = of([worlds.flow(url=url)], {"trc": worlds.partner()}, "What we poll")
    assert "t0p" not in text
    assert [one.get("xmlUrl") for one in ET.fromstring(text).iter("outline")] == [None, shown]


def test_only_what_we_poll_by_partner() -> None:
    flows = [worlds.flow(), worlds.outbound(), worlds.flow(id="trc-ru", title='"Ру" & <co>')]
    root = ET.fromstring(of(flows, {"trc": replace(worlds.partner(), homepage=None)}, "Ours"))
    assert [(one.get("text"), one.get("htmlUrl")) for one in root.iter("outline")] == [
        ("TRC", None),
        ("TRC in English", None),
        ('"Ру" & <co>', None),
    ]
