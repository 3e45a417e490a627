"""What bytes are, by the bytes: the forms of pictures, audio and video that are taken, and no others (W07)."""

import re
from typing import Final

from syndication.model.agreement import ContentType

EXTENSIONS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "video/webm": "webm",
    "audio/webm": "weba",
    "audio/mpeg": "mp3",
    "video/ogg": "ogv",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
}
"""Every type that is taken. SVG and HTML are not among them: they act (H10)."""

OTHER_NAMES: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "audio/mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/aac": "audio/mp4",
    "video/x-m4v": "video/mp4",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-pn-wav": "audio/wav",
}
UNSAID: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
EITHER: Final = frozenset({"application/ogg"})

HOLDS: Final = {
    "image": frozenset({ContentType.PICTURE, ContentType.GRAPHIC}),
    "audio": frozenset({ContentType.AUDIO}),
    "video": frozenset({ContentType.VIDEO}),
}
"""What a grant calls it, by the first half of its type."""

BRANDS: Final = re.compile(rb"isom|iso[2-9]|mp4[12]|avc1|M4V |M4VP|M4VH|M4A |M4B |dash|f4v |MSNV|mmp4|3gp[456]")
VIDEO_TRACK: Final = re.compile(rb"hdlr.{8}vide", re.DOTALL)
WEBM_VIDEO: Final = re.compile(rb"V_VP[89]|V_AV1")
MPEG_BITRATES: Final = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer III
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
)
MPEG_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def media_type(data: bytes) -> str | None:
    """The type of the whole file `data`, of those that are taken; None: it is none of them."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _mp4(data)
    if data.startswith(b"\x1aE\xdf\xa3") and b"webm" in data[:64]:
        return "video/webm" if WEBM_VIDEO.search(data) else "audio/webm"
    if data.startswith(b"OggS\0"):
        return "video/ogg" if b"\x80theora" in data[:4096] else "audio/ogg"
    return "audio/mpeg" if data.startswith(b"ID3") or _mpeg_frames(data) else None


def agrees(declared: str | None, found: str) -> bool:
    """Whether what was said of it is what it is. To say nothing is no lie."""
    said = (declared or "").partition(";")[0].strip().casefold()
    return said in UNSAID or OTHER_NAMES.get(said, said) == found or (said in EITHER and found.endswith("/ogg"))


def holds(found: str) -> frozenset[ContentType]:
    """As what a grant may speak of it."""
    return HOLDS[found.partition("/")[0]]


def _mp4(data: bytes) -> str | None:
    if not BRANDS.fullmatch(data[8:12]):
        return None
    return "video/mp4" if VIDEO_TRACK.search(data) else "audio/mp4"


def _mpeg_frames(data: bytes) -> bool:
    """Whether it begins with a frame of layer III that another one follows: two bytes alone are in everything."""
    size = _mpeg_frame(data[:4])
    return size is not None and _mpeg_frame(data[size : size + 4]) is not None


def _mpeg_frame(head: bytes) -> int | None:
    """The length of the frame with that head (ISO 11172-3, 2.4.1.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, bitrate = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version not in MPEG_RATES or rate == 3 or bitrate in (0, 15):
        return None
    first = version == 3
    return (144 if first else 72) * MPEG_BITRATES[0 if first else 1][bitrate] * 1000 // MPEG_RATES[version][rate] + (head[2] >> 1 & 1)
