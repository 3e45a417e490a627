"""What bytes are, whatever they are called."""

import pytest

from syndication.media.sniff import agrees, holds, media_type
from syndication.model.agreement import ContentType
from tests.media import pictures


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(pictures.jpeg(), "image/jpeg", id="JPEG"),
        pytest.param(pictures.png(), "image/png", id="PNG"),
        pytest.param(pictures.saved("WEBP"), "image/webp", id="WebP"),
        pytest.param(pictures.saved("GIF"), "image/gif", id="GIF"),
        pytest.param(pictures.mp4(), "video/mp4", id="MP4 with pictures"),
        pytest.param(pictures.mp4(video=False, brand=b"M4A "), "audio/mp4", id="MP4 with sound only"),
        pytest.param(pictures.WEBM, "video/webm", id="WebM with pictures"),
        pytest.param(pictures.WEBM.replace(b"V_VP9", b"A_OPUS"), "audio/webm", id="WebM with sound only"),
        pytest.param(pictures.MP3, "audio/mpeg", id="MP3"),
        pytest.param(b"ID3\x04" + b"\0" * 40, "audio/mpeg", id="MP3 with tags"),
        pytest.param(pictures.OGG, "audio/ogg", id="Ogg with sound"),
        pytest.param(pictures.OGG.replace(b"\x01vorbis", b"\x80theora"), "video/ogg", id="Ogg with pictures"),
        pytest.param(pictures.WAV, "audio/wav", id="WAV"),
        pytest.param(pictures.SVG, None, id="SVG"),
        pytest.param(b"<?xml version='1.0'?>" + pictures.SVG, None, id="SVG with a declaration"),
        pytest.param(pictures.HTML, None, id="HTML"),
        pytest.param(b"/*GIF89a*/=1;alert(1)", None, id="script with the name of a GIF in it"),
        pytest.param(b"%PDF-1.7", None, id="PDF"),
        pytest.param(b"PK\3\4", None, id="ZIP"),
        pytest.param(b"MZ\x90\0", None, id="a program"),
        pytest.param(pictures.mp4(brand=b"heic"), None, id="HEIC, which is built like MP4"),
        pytest.param(pictures.mp4(brand=b"qt  "), None, id="QuickTime"),
        pytest.param(b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", None, id="Matroska"),
        pytest.param(pictures.FRAME[:200], None, id="one frame and no second"),
        pytest.param(b"\xff\xfb", None, id="two bytes"),
        pytest.param(b"RIFF\0\0\0\0AVI ", None, id="AVI"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_w07_what_bytes_are(data: bytes, found: str | None) -> None:
    """W07, H10: of what is on the list, by the bytes; nothing that acts is on it."""
    assert media_type(data) == found


@pytest.mark.parametrize(
    ("declared", "found", "agreed"),
    [
        pytest.param("image/jpeg", "image/jpeg", True, id="the same"),
        pytest.param("IMAGE/JPEG; q=1", "image/jpeg", True, id="written otherwise"),
        pytest.param("image/jpg", "image/jpeg", True, id="a name that is common"),
        pytest.param(None, "image/jpeg", True, id="not said"),
        pytest.param("application/octet-stream", "audio/wav", True, id="said to be anything"),
        pytest.param("application/ogg", "video/ogg", True, id="the container of both"),
        pytest.param("image/png", "image/jpeg", False, id="another picture"),
        pytest.param("text/html", "image/gif", False, id="a page"),
        pytest.param("audio/mp4", "video/mp4", False, id="sound that has pictures"),
        pytest.param("application/ogg", "audio/wav", False, id="another container"),
    ],
)
def test_what_is_said_is_held_against_what_is(declared: str | None, found: str, agreed: bool) -> None:
    assert agrees(declared, found) is agreed


def test_what_a_grant_calls_it() -> None:
    assert ContentType.VIDEO in holds("video/mp4")
    assert ContentType.PICTURE not in holds("video/mp4")
    assert holds("image/png") == {ContentType.PICTURE, ContentType.GRAPHIC}
