"""Files to take: small real ones, made here, and what pretends to be one."""

import io
import struct
import zlib

from PIL import Image, TiffImagePlugin

GPS = b"21;1;30"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    b'exif:GPSLatitude="21,1.5N" photoshop:Credit="VNA credit"><exif:GPSLongitude>105,51E</exif:GPSLongitude></rdf:Description>'
    b"</rdf:RDF></x:xmpmeta>"
)
IPTC = b"\x1c\x02\x6e\x00\x08VNA/IPTC"


def jpeg(width: int = 8, height: int = 6, colour: str = "red", *, told: bool = False) -> bytes:
    """A photograph; `told`: with who made it and where, in EXIF, XMP, IPTC, a comment, and something after its end."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG", quality=90)
    plain = out.getvalue()
    if not told:
        return plain
    segments = (
        (0xE1, b"Exif\0\0" + exif()),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        (0xED, b"Photoshop 3.0\0" + resource(0x0404, IPTC) + resource(0x040C, b"thumbnail of before")),
        (0xE2, b"MPF\0second picture"),
        (0xFE, b"a comment, from Hanoi"),
    )
    packed = b"".join(bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return plain[:2] + packed + plain[2:] + b"<script>after the end</script>"


def exif() -> bytes:
    """As TIFF: the artist, the owner, which way is up; the place, the camera's number."""
    made = Image.Exif()
    made[0x013B], made[0x8298], made[0x0112] = "L. Pham", "VNA 2026", 6
    made[0x010F] = "Maker of cameras"
    made.get_ifd(0x8825).update({1: "N", 2: tuple(TiffImagePlugin.IFDRational(n) for n in (21, 1, 30)), 29: "2026:11:24"})
    made.get_ifd(0x8769).update({0xA431: "serial-4711"})
    return made.tobytes().removeprefix(b"Exif\0\0")


def resource(number: int, body: bytes) -> bytes:
    """One of Photoshop's."""
    return b"8BIM" + struct.pack(">H", number) + b"\0\0" + struct.pack(">I", len(body)) + body + b"\0" * (len(body) % 2)


def png(width: int = 4, height: int = 4, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG, with these chunks after its head; nothing of it is decoded to make it, however large it says that it is."""
    rows = zlib.compress(b"\0" * 64) if width * height > 1_000_000 else zlib.compress((b"\0" + b"\x7f" * 3 * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in ((b"IHDR", head), *extra, (b"IDAT", rows), (b"IEND", b"")))


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def saved(form: str, frames: int = 1, mode: str = "RGB", **more: object) -> bytes:
    """A picture that Pillow writes, of so many frames."""
    out = io.BytesIO()
    first, *rest = [Image.new(mode, (8, 8), (index * 80 % 256, 0, 0) if mode == "RGB" else None) for index in range(frames)]
    moving = {"save_all": True, "append_images": rest} if rest else {}
    first.save(out, form, **moving, **more)
    return out.getvalue()


def mp4(*, video: bool = True, brand: bytes = b"isom") -> bytes:
    """As much of an MP4 as tells what it is."""
    handler = b"hdlr" + b"\0" * 8 + (b"vide" if video else b"soun") + b"\0" * 12
    return struct.pack(">I", 16) + b"ftyp" + brand + b"\0\0\2\0" + struct.pack(">I", 4 + len(handler)) + handler


WEBM = b"\x1aE\xdf\xa3\x9fB\x82\x84webm" + b"\0" * 40 + b"V_VP9"
OGG = b"OggS\0\x02" + b"\0" * 22 + b"\x01vorbis"
WAV = b"RIFF\x24\0\0\0WAVEfmt "
FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413
MP3 = FRAME + FRAME
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
