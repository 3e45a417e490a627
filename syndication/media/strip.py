"""What a picture says besides the picture: where it was taken, and with which camera, goes; who made it and whose it is stays (W08).

The same of sounds and videos is in `tags`. Nothing is decoded or packed again: every picture stays, byte for byte, as it was.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from lxml import etree
from PIL import Image, TiffImagePlugin

from syndication.errors import MediaError
from syndication.media import tags

KEPT_TAGS: Final = (
    0x010E,  # ImageDescription
    0x0112,  # Orientation
    0x011A,  # XResolution
    0x011B,  # YResolution
    0x0128,  # ResolutionUnit
    0x013B,  # Artist
    0x8298,  # Copyright
)
"""Of EXIF; what else it has, GPS and the camera's own notes among it, is dropped."""

DROPPED_NAMES: Final = frozenset(
    {
        "http://ns.adobe.com/exif/1.0/",  # GPS is here
        "http://ns.adobe.com/exif/1.0/aux/",  # serial numbers
        "http://cipa.jp/exif/1.0/",
        "http://ns.adobe.com/xap/1.0/g/img/",  # thumbnails, of before a crop
    }
)
"""Of XMP. The IPTC Core and Extension, Dublin Core, PLUS and Photoshop's credit stay."""

EXIF: Final = b"Exif\0\0"
XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
XPACKET: Final = (b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>', b'<?xpacket end="r"?>')
JFIF: Final = b"JFIF\0"
ICC: Final = b"ICC_PROFILE\0"
PHOTOSHOP: Final = b"Photoshop 3.0\0"
KEPT_RESOURCES: Final = frozenset({0x0404, 0x040A, 0x040B})
"""Of Photoshop's: IPTC-IIM, whether it is copyrighted, and where that is said. Others hold EXIF again, or a thumbnail."""

PNG_TEXTS: Final = frozenset({b"Title", b"Author", b"Description", b"Copyright", b"Source", b"Disclaimer"})
PNG_XMP: Final = b"XML:com.adobe.xmp\0"
PNG_DROPPED: Final = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt"})
GIF_KEPT: Final = frozenset({b"NETSCAPE2.0", b"ICCRGBG1012"})
GIF_XMP: Final = b"XMP DataXMP"
GIF_XMP_END: Final = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
"""Leads whoever takes the packet for blocks to its end, wherever that one has come to."""
LARGEST_SEGMENT: Final = 65_533
LARGEST_PROFILE: Final = 4 * 1024 * 1024
"""Bytes of a colour profile; what is larger is none (W08)."""


def stripped(data: bytes, media_type: str) -> bytes:
    """The same picture, sound or video, without what is dropped. Raises MediaError for what is not built as its type is."""
    try:
        if media_type == "image/jpeg":
            return _jpeg(data)
        if media_type == "image/png":
            return _png(data)
        if media_type == "image/webp":
            return _webp(data)
        if media_type == "image/gif":
            return _gif(data)
        if media_type in ("video/mp4", "audio/mp4"):
            return tags.mp4(data)
        if media_type == "audio/mpeg":
            return tags.mp3(data)
    except (IndexError, struct.error) as error:
        raise MediaError("it breaks off before its end: nothing of it was taken") from error
    return data


def _jpeg(data: bytes) -> bytes:
    """Segment by segment (ITU T.81, B.1). What follows the end of the picture is another file, and is cut off."""
    kept, at, profile = [b"\xff\xd8"], 2, 0
    while True:
        if data[at] != 0xFF:
            raise MediaError("the picture is no whole JPEG: nothing of it was taken")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return b"".join([*kept, b"\xff\xd9"])
        (size,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + size]
        if size < 2 or len(body) != size - 2:
            raise IndexError
        at += 2 + size
        if marker == 0xDA:
            end = _scan_end(data, at)
            kept.append(_segment(marker, body) + data[at:end])
            at = end
            continue
        profile += len(body) if marker == 0xE2 else 0
        if profile > LARGEST_PROFILE:
            raise MediaError(f"its colour profile has more than {LARGEST_PROFILE} bytes: nothing of it was taken")
        body = _application(marker, body)
        kept.append(_segment(marker, body) if body else b"")


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _scan_end(data: bytes, at: int) -> int:
    """Where the next marker is after the bytes of a scan, of which FF00 and the restarts are a part."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise IndexError
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _application(marker: int, body: bytes) -> bytes:
    """What stays of a segment; nothing: it goes."""
    if marker == 0xE1:
        if body.startswith(EXIF):
            kept = _exif(body[len(EXIF) :])
            return EXIF + kept if kept else b""
        kept = _xmp(body[len(XMP) :]) if body.startswith(XMP) else b""
        return XMP + kept if 0 < len(kept) <= LARGEST_SEGMENT - len(XMP) else b""
    if marker == 0xE2:
        return body if body.startswith(ICC) else b""
    if marker == 0xED:
        return _photoshop(body)
    if marker == 0xE0:
        return body if body.startswith(JFIF) else b""
    # Adobe's says how the colours are meant. A comment, and what other programs put there, goes.
    return body if marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE) else b""


def _exif(tiff: bytes) -> bytes:
    """Its kept tags, as TIFF; nothing where it cannot be read."""
    given, kept = Image.Exif(), Image.Exif()
    try:
        given.load(EXIF + tiff)
        for tag in KEPT_TAGS:
            value = given.get(tag)
            if isinstance(value, str | bytes | int | TiffImagePlugin.IFDRational):
                kept[tag] = value
        written = kept.tobytes().removeprefix(EXIF) if len(kept) else b""
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, IndexError, OverflowError, ZeroDivisionError, struct.error):
        return b""
    return written if len(written) <= LARGEST_SEGMENT - len(EXIF) else b""


def _xmp(packet: bytes) -> bytes:
    """The packet without what is dropped; nothing where it cannot be read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(packet.strip(b"\0 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return b""
    if root.getroottree().docinfo.doctype:
        return b""
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        for name in [name for name in element.attrib if etree.QName(name).namespace in DROPPED_NAMES]:
            del element.attrib[name]
        parent = element.getparent()
        if parent is not None and etree.QName(element).namespace in DROPPED_NAMES:
            parent.remove(element)
    return XPACKET[0] + bytes(etree.tostring(root, encoding="utf-8")) + XPACKET[1]


def _photoshop(body: bytes) -> bytes:
    """Its kept resources."""
    if not body.startswith(PHOTOSHOP):
        return b""
    kept, at = [], len(PHOTOSHOP)
    while body[at : at + 4] == b"8BIM":
        (number,) = struct.unpack_from(">H", body, at + 4)
        data = at + 6 + (body[at + 6] + 2) // 2 * 2
        (size,) = struct.unpack_from(">I", body, data)
        end = data + 4 + (size + 1) // 2 * 2
        if number in KEPT_RESOURCES and data + 4 + size <= len(body):
            kept.append(body[at:end])
        at = end
    return PHOTOSHOP + b"".join(kept) if kept else b""


def _png(data: bytes) -> bytes:
    """Chunk by chunk (W3C PNG, 5.3), up to the last."""
    kept = [data[:8]]
    for name, body in _chunks(data, 8, ">I", 4):
        if name == b"IEND":
            return b"".join([*kept, _png_chunk(name, body)])
        if name == b"eXIf":
            body = _exif(body)
        elif name == b"iTXt" and body.startswith(PNG_XMP + b"\0\0\0\0"):
            xmp = _xmp(body[len(PNG_XMP) + 4 :])
            body = PNG_XMP + b"\0\0\0\0" + xmp if xmp else b""
        elif name in PNG_DROPPED and body.partition(b"\0")[0] not in PNG_TEXTS:
            body = b""
        if body or name not in PNG_DROPPED:
            kept.append(_png_chunk(name, body))
    raise IndexError


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _webp(data: bytes) -> bytes:
    """Chunk by chunk (RFC 9649, 2.3)."""
    (size,) = struct.unpack_from("<I", data, 4)
    kept: list[tuple[bytes, bytes]] = []
    for name, body in _chunks(data[: 8 + size], 12, "<I", 0):
        if name == b"EXIF":
            body = _exif(body.removeprefix(EXIF))
        elif name == b"XMP ":
            body = _xmp(body)
        elif name == b"ICCP" and len(body) > LARGEST_PROFILE:
            raise MediaError(f"its colour profile has more than {LARGEST_PROFILE} bytes: nothing of it was taken")
        if body:
            kept.append((name, body))
    there = {name for name, _ in kept}
    written = b""
    for name, body in kept:
        if name == b"VP8X":
            flags = body[0] & ~(0 if b"EXIF" in there else 0x08) & ~(0 if b"XMP " in there else 0x04)
            body = bytes((flags,)) + body[1:]
        written += name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(written) + 4) + b"WEBP" + written


def _gif(data: bytes) -> bytes:
    """Block by block (GIF89a, 17 to 27), up to the trailer; comments go, and what programs put there, but for colours and XMP."""
    at = 13 + _colours(data[10])
    kept = [data[:at]]
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            end = _blocks_end(data, at + 11 + _colours(data[at + 9]))
            kept.append(data[at:end])
        elif data[at] == 0x21:
            end = _blocks_end(data, at + 2)
            if data[at + 1] not in (0xFE, 0xFF) or data[at + 3 : at + 14] in GIF_KEPT:
                kept.append(data[at:end])
            elif data[at + 3 : at + 14] == GIF_XMP and data[:end].endswith(GIF_XMP_END):
                xmp = _xmp(data[at + 14 : end - len(GIF_XMP_END)])
                kept.append(data[at : at + 14] + xmp + GIF_XMP_END if xmp else b"")
        else:
            raise MediaError("the picture is no whole GIF: nothing of it was taken")
        at = end
    return b"".join([*kept, b";"])


def _colours(packed: int) -> int:
    """The bytes of the table of colours that this byte tells of."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    """Where the blocks end that begin there: each says its length, and the last has none."""
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _chunks(data: bytes, at: int, size: str, after: int) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each. `size`: how its length is written, before the name (PNG) or after it (RIFF); `after`: bytes of a checksum."""
    named = 4 if size == ">I" else 0
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(size, data, at + 4 - named)
        name, body = data[at + named : at + named + 4], data[at + 8 : at + 8 + length]
        if len(body) != length:
            raise IndexError
        yield name, body
        at += 8 + length + after + (length % 2 if not named else 0)
