"""W08: where a picture was taken goes, whose it is stays, and the picture itself is the same to the byte."""

import io

import pytest
from PIL import Image

from syndication.errors import MediaError
from syndication.media.strip import stripped
from tests.media import pictures

TOLD = pictures.jpeg(told=True)
GONE = (b"GPS", b"105,51E", b"21,1.5N", b"serial-4711", b"Maker of cameras", b"thumbnail", b"second picture", b"from Hanoi", b"<script>")
STAYS = (b"L. Pham", b"VNA 2026", b"VNA credit", b"VNA/IPTC")


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB").tobytes()


def scans(jpeg: bytes) -> bytes:
    """From the tables on, to the end of the picture."""
    return jpeg[jpeg.index(b"\xff\xdb") : jpeg.rindex(b"\xff\xd9") + 2]


def test_the_picture_has_what_is_to_go() -> None:
    """The control."""
    assert [word for word in (*GONE[1:], *STAYS) if word not in TOLD] == []
    with Image.open(io.BytesIO(TOLD)) as picture:
        assert picture.getexif().get_ifd(0x8825)


def test_a_jpeg_keeps_who_made_it_and_not_where() -> None:
    kept = stripped(TOLD, "image/jpeg")
    assert [word for word in GONE if word in kept] == []
    assert [word for word in STAYS if word not in kept] == []
    with Image.open(io.BytesIO(kept)) as picture:
        assert dict(picture.getexif()) == {0x013B: "L. Pham", 0x8298: "VNA 2026", 0x0112: 6}
    assert scans(kept) == scans(pictures.jpeg())


def test_what_tells_nothing_stays_as_it_is() -> None:
    plain = pictures.jpeg()
    assert stripped(plain, "image/jpeg") == plain
    assert stripped(stripped(TOLD, "image/jpeg"), "image/jpeg") == stripped(TOLD, "image/jpeg")


def test_a_progressive_jpeg_of_many_scans_stays_whole() -> None:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(out, "JPEG", progressive=True, icc_profile=b"p" * 70_000)
    assert stripped(out.getvalue() + b"trailer", "image/jpeg") == out.getvalue()


def test_a_png_too() -> None:
    told = pictures.png(
        4,
        4,
        (b"eXIf", pictures.exif()),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + pictures.XMP),
        (b"tEXt", b"Raw profile type exif\0GPS"),
        (b"tEXt", b"Copyright\0VNA/IPTC"),
    )
    kept = stripped(told + b"<script>", "image/png")
    assert [word for word in GONE if word in kept] == []
    assert [word for word in STAYS if word not in kept] == []
    assert pixels(kept) == pixels(told)


def test_a_webp_too() -> None:
    told = pictures.saved("WEBP", lossless=True, exif=b"Exif\0\0" + pictures.exif(), xmp=pictures.XMP)
    assert b"105,51E" in told
    kept = stripped(told + b"<script>", "image/webp")
    assert [word for word in GONE if word in kept] == []
    assert [word for word in STAYS[:3] if word not in kept] == []
    assert pixels(kept) == pixels(told)


def test_a_webp_whose_notes_cannot_be_read_has_none() -> None:
    told = pictures.saved("WEBP", lossless=True, exif=b"Exif\0\0no TIFF", xmp=b"<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>")
    kept = stripped(told, "image/webp")
    assert b"EXIF" not in kept
    assert b"XMP " not in kept
    assert pixels(kept) == pixels(told)


@pytest.mark.parametrize("cut", range(2, len(TOLD) - 40, 7))
def test_what_breaks_off_is_refused(cut: int) -> None:
    with pytest.raises(MediaError):
        stripped(TOLD[:cut], "image/jpeg")


def test_a_profile_that_is_none_is_refused() -> None:
    """W08: an ICC profile of 100 MB."""
    profile = b"\xff\xe2\xff\xff" + b"ICC_PROFILE\0" + b"p" * (65_533 - 12)
    plain = pictures.jpeg()
    with pytest.raises(MediaError, match="profile"):
        stripped(plain[:2] + profile * 80 + plain[2:], "image/jpeg")
