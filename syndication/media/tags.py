"""What a sound or a video says besides: where it was taken goes, whose it is stays (W08). Nothing is decoded, and no frame is moved."""

import struct
from typing import Final

from syndication.errors import MediaError

HOLDERS: Final = frozenset(
    {(b"", b"moov"), (b"moov", b"trak"), (b"trak", b"mdia"), (b"", b"udta"), (b"moov", b"udta"), (b"trak", b"udta"), (b"meta", b"ilst")}
)
"""Boxes of MP4 within which others are looked at, after what they stand in (ISO 14496-12, 8): no deeper than these go."""
KEPT_BOXES: Final = frozenset(
    {b"cprt", b"titl", b"auth", b"perf", b"dscp", b"desc", b"aART", b"\xa9cpy", b"\xa9ART", b"\xa9aut", b"\xa9nam", b"\xa9des"}
)
"""Of what users say of it: title, description, who made it, whose it is. Others hold the place (`loci`, `\xa9xyz`), or the camera."""
KEPT_FRAMES: Final = frozenset({b"TIT2", b"TPE1", b"TPE2", b"TCOP", b"TPUB", b"TALB", b"TLAN", b"WCOP", b"WPUB"})
"""The same of ID3."""


def mp4(data: bytes) -> bytes:
    """Box by box. What goes becomes free space of the same length, so that every offset within the file stays right."""
    kept = bytearray(data)
    _boxes(kept, 0, len(kept), b"")
    return bytes(kept)


def _boxes(data: bytearray, at: int, end: int, within: bytes) -> None:
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        # The last of a file may go on to its end; within another a nought is what QuickTime ends a list with.
        if size == 0 and within:
            return
        size = size or end - at
        if size < head or (within and at + size > end):
            raise MediaError("the video is no whole MP4: nothing of it was taken")
        last = min(at + size, end)
        if (within, name) in HOLDERS:
            _boxes(data, at + head, last, name)
        elif name == b"meta" and within == b"udta" and b"keys" not in data[at + head : last]:
            # Its version comes first.
            _boxes(data, at + head + 4, last, name)
        elif name in (b"meta", b"uuid") or (within in (b"udta", b"ilst") and name not in KEPT_BOXES):
            data[at + 4 : at + 8] = b"free"
            data[at + head : last] = bytes(last - at - head)
        at += size


def mp3(data: bytes) -> bytes:
    """Without the frames of ID3 (2.3, 2.4) that are not kept; a tag of another version, or packed in another way, goes whole."""
    kept: list[bytes] = []
    while data.startswith(b"ID3"):
        version, flags = data[3], data[5]
        size = _seven(data[6:10])
        body = data[10 : 10 + size]
        if len(body) != size:
            raise IndexError
        frames = _frames(body, version) if version in (3, 4) and not flags else b""
        if frames:
            kept.append(b"ID3" + bytes((version, 0, 0)) + _in_sevens(len(frames)) + frames)
        data = data[10 + size + (10 if flags & 0x10 else 0) :]
    if not data:
        raise MediaError("the sound is empty: nothing of it was taken")
    return b"".join([*kept, data])


def _frames(body: bytes, version: int) -> bytes:
    """The kept ones, as they are."""
    kept: list[bytes] = []
    at = 0
    while at + 10 <= len(body) and body[at]:
        name = body[at : at + 4]
        size = _seven(body[at + 4 : at + 8]) if version == 4 else int.from_bytes(body[at + 4 : at + 8])
        if name in KEPT_FRAMES and at + 10 + size <= len(body):
            kept.append(body[at : at + 10 + size])
        at += 10 + size
    return b"".join(kept)


def _seven(given: bytes) -> int:
    """Four bytes of seven bits each (ID3, 6.2)."""
    number = 0
    for one in given:
        number = number << 7 | one & 0x7F
    return number


def _in_sevens(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
