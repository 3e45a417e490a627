"""W08: of a sound or a video the place goes, whose it is stays, and every frame stays where it was."""

import io
import struct

import pytest
from PIL import Image

from syndication.errors import MediaError
from syndication.media.strip import GIF_XMP, GIF_XMP_END, stripped
from tests.media import pictures

PLACE = b"+21.0278+105.8342/"


def box(name: bytes, *within: bytes, large: bool = False) -> bytes:
    body = b"".join(within)
    return struct.pack(">I4sQ", 1, name, 16 + len(body)) + body if large else struct.pack(">I4s", 8 + len(body), name) + body


def text(name: bytes, said: bytes) -> bytes:
    return box(name, struct.pack(">HH", len(said), 0), said)


ILST = box(b"ilst", box(b"\xa9ART", b"data: L. Pham"), box(b"covr", b"a cover, with GPS"), box(b"----", b"com.apple " + PLACE))
UDTA = box(b"udta", text(b"\xa9xyz", PLACE), text(b"\xa9cpy", b"VNA 2026"), box(b"loci", PLACE), box(b"meta", b"\0" * 4, ILST), b"\0" * 4)
KEYS = box(b"meta", box(b"keys", b"mdtacom.apple.quicktime.location.ISO6709"), box(b"ilst", PLACE))
MDAT = box(b"mdat", b"moov trak udta: only frames", large=True)
TOLD = box(b"ftyp", b"isom") + box(b"moov", box(b"trak", box(b"tkhd"), UDTA), UDTA, KEYS) + box(b"uuid", b"XMP" + PLACE) + MDAT


def test_a_video_keeps_who_made_it_and_not_where() -> None:
    """The control is in the first line."""
    assert TOLD.count(PLACE) == 8
    kept = stripped(TOLD, "video/mp4")
    assert PLACE not in kept
    assert b"GPS" not in kept
    assert b"ISO6709" not in kept
    assert kept.count(b"VNA 2026") == kept.count(b"L. Pham") == 2
    assert len(kept) == len(TOLD)
    assert kept.index(b"only frames") == TOLD.index(b"only frames")
    assert kept.endswith(MDAT)
    assert stripped(kept, "video/mp4") == kept


def test_a_video_that_tells_nothing_stays_as_it_is() -> None:
    plain = box(b"ftyp", b"isom") + box(b"moov", box(b"trak", box(b"mdia")), box(b"udta", text(b"\xa9cpy", b"VNA"))) + MDAT
    assert stripped(plain, "audio/mp4") == plain
    assert stripped(pictures.mp4(), "video/mp4") == pictures.mp4()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(box(b"moov", struct.pack(">I4s", 4, b"udta")), id="shorter than its head"),
        pytest.param(box(b"moov", struct.pack(">I4s", 99, b"udta")), id="longer than what it stands in"),
        pytest.param(struct.pack(">I4sI", 1, b"moov", 0), id="half a length"),
    ],
)
def test_a_video_that_is_not_whole_is_refused(broken: bytes) -> None:
    with pytest.raises(MediaError):
        stripped(box(b"ftyp", b"isom") + broken, "video/mp4")


def test_no_depth_takes_long() -> None:
    deep = b""
    for _ in range(2_000):
        deep = box(b"moov", deep)
    assert stripped(box(b"ftyp", b"isom") + deep, "video/mp4")


def sevens(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def tag(version: int, *frames: tuple[bytes, bytes], flags: int = 0, padding: int = 20) -> bytes:
    def size(body: bytes) -> bytes:
        return sevens(len(body)) if version == 4 else struct.pack(">I", len(body))

    body = b"".join(name + size(said) + b"\0\0" + said for name, said in frames) + b"\0" * padding
    return b"ID3" + bytes((version, 0, flags)) + sevens(len(body)) + body


WHOSE = ((b"TPE1", b"\x03L. Pham " + b"x" * 200), (b"TCOP", b"\x002026 VNA"))
WHERE = ((b"TXXX", b"\0place\0" + PLACE), (b"APIC", b"\0image/jpeg\0\3\0" + pictures.jpeg(told=True)), (b"GEOB", PLACE))


@pytest.mark.parametrize("version", [3, 4])
def test_a_sound_keeps_who_made_it_and_not_where(version: int) -> None:
    told = tag(version, WHOSE[0], *WHERE, WHOSE[1]) + pictures.MP3
    assert PLACE in told
    kept = stripped(told, "audio/mpeg")
    assert kept == tag(version, *WHOSE, padding=0) + pictures.MP3
    assert stripped(kept, "audio/mpeg") == kept
    assert stripped(pictures.MP3, "audio/mpeg") == pictures.MP3


def test_a_tag_that_is_packed_otherwise_goes_whole() -> None:
    for odd in (tag(3, *WHOSE, flags=0x80), tag(2, (b"TP1", b"x")), tag(3, *WHERE)):
        assert stripped(odd + pictures.MP3, "audio/mpeg") == pictures.MP3


@pytest.mark.parametrize("broken", [b"ID3", tag(3, *WHOSE)[:50], tag(3, *WHERE)], ids=["no tag", "half a tag", "no sound"])
def test_a_sound_that_is_not_whole_is_refused(broken: bytes) -> None:
    with pytest.raises(MediaError):
        stripped(broken, "audio/mpeg")


def extension(label: int, *blocks: bytes) -> bytes:
    return bytes((0x21, label)) + b"".join(bytes((len(one),)) + one for one in blocks) + b"\0"


def test_a_gif_keeps_whose_it_is_and_not_where() -> None:
    plain = pictures.saved("GIF")
    at = 13 + (3 << (plain[10] & 7) + 1)
    xmp = bytes((0x21, 0xFF, 11)) + GIF_XMP + pictures.XMP + GIF_XMP_END
    more = (
        extension(0xFE, b"a comment, from Hanoi")
        + extension(0xFF, b"CAMERA  1.0", PLACE)
        + xmp
        + extension(0xFF, b"NETSCAPE2.0", b"\1\0\0")
    )
    told = plain[:at] + more + plain[at:] + b"<script>"
    assert b"105,51E" in told
    kept = stripped(told, "image/gif")
    for word in (b"Hanoi", PLACE, b"105,51E", b"21,1.5N", b"<script>"):
        assert word not in kept
    assert b"VNA credit" in kept
    assert b"NETSCAPE2.0" in kept
    assert stripped(kept, "image/gif") == stripped(stripped(kept, "image/gif"), "image/gif")
    with Image.open(io.BytesIO(kept)) as one, Image.open(io.BytesIO(plain)) as other:
        assert one.convert("RGB").tobytes() == other.convert("RGB").tobytes()
    assert stripped(plain, "image/gif") == plain
    for cut in range(14, len(kept)):
        with pytest.raises(MediaError):
            stripped(kept[:cut], "image/gif")
