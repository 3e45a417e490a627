"""What a file is, found out where it can be stopped."""

import resource
import time
from pathlib import Path

import pytest
from PIL import Image

from syndication.errors import MediaError
from syndication.media.check import Checker
from tests.media import pictures


def check(checker: Checker, folder: Path, data: bytes, declared: str | None = None) -> tuple[str, int | None, int | None, bytes]:
    file = folder / "file"
    file.write_bytes(data)
    found = checker.check(file, declared)
    assert found.changed is (file.read_bytes() != data)
    return found.media_type, found.width, found.height, file.read_bytes()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(pictures.jpeg(), ("image/jpeg", 8, 6), id="JPEG"),
        pytest.param(pictures.png(), ("image/png", 4, 4), id="PNG"),
        pytest.param(pictures.saved("WEBP"), ("image/webp", 8, 8), id="WebP"),
        pytest.param(pictures.saved("GIF"), ("image/gif", 8, 8), id="GIF"),
        pytest.param(pictures.mp4(), ("video/mp4", None, None), id="MP4"),
        pytest.param(pictures.MP3, ("audio/mpeg", None, None), id="MP3"),
    ],
)
def test_what_is_taken_is_what_it_was(checker: Checker, tmp_path: Path, data: bytes, found: tuple[str, int | None, int | None]) -> None:
    assert check(checker, tmp_path, data) == (*found, data)


def test_w08_the_place_is_taken_out(checker: Checker, tmp_path: Path) -> None:
    """W08: EXIF GPS."""
    *_, kept = check(checker, tmp_path, pictures.jpeg(told=True))
    assert b"105,51E" not in kept
    assert b"L. Pham" in kept


@pytest.mark.parametrize(
    ("data", "declared", "reason"),
    [
        pytest.param(pictures.SVG, "image/svg+xml", "none of the forms", id="SVG"),
        pytest.param(pictures.HTML, "image/jpeg", "none of the forms", id="HTML that is called a JPEG"),
        pytest.param(pictures.png(), "image/jpeg", "is said to be 'image/jpeg', and is image/png", id="a PNG that is called a JPEG"),
        pytest.param(pictures.mp4(), "image/jpeg", "and is video/mp4", id="a film that is called a picture"),
        pytest.param(pictures.png(), "x\x1b[2J'" * 40, r"said to be .x\\x1b", id="a type that would write to the terminal"),
        pytest.param(b"\xff\xd8\xff\xe0 no JPEG", None, "breaks off|no whole", id="a JPEG by its first bytes"),
        pytest.param(b"GIF89a/*;*/=1;alert(1)//", None, "cannot be decoded", id="a GIF that is a script"),
        pytest.param(pictures.jpeg()[:-30] + b"\xff\xd9", None, "breaks off", id="a JPEG without its end"),
        pytest.param(pictures.png(50_000, 50_000), None, "pixels", id="50,000 x 50,000 pixels"),
        pytest.param(pictures.png(10_001, 10_000), None, "pixels", id="a few more pixels than are taken"),
        pytest.param(pictures.png(4, 4, (b"iCCP", b"p\0\0" + b"no zlib")), None, None, id="a profile that is none"),
        pytest.param(pictures.saved("GIF", 100), None, "moves", id="a GIF of 100 frames"),
        pytest.param(pictures.saved("PNG", 3), None, "moves", id="a PNG that moves"),
        pytest.param(pictures.saved("WEBP", 3), None, "moves", id="a WebP that moves"),
    ],
)
def test_w08_what_is_refused(checker: Checker, tmp_path: Path, data: bytes, declared: str | None, reason: str | None) -> None:
    """W07, W08, H10: with the reason; nothing of it is written."""
    file = tmp_path / "file"
    file.write_bytes(data)
    if reason is None:
        assert checker.check(file, declared).media_type == "image/png"
        return
    with pytest.raises(MediaError, match=reason):
        checker.check(file, declared)
    assert file.read_bytes() == data


@pytest.mark.parametrize(
    "data",
    [
        *(pytest.param(pictures.saved(form), id=form) for form in ("JPEG", "PNG", "WEBP", "GIF")),
        *(pytest.param(pictures.saved("PNG", mode=mode), id=f"PNG {mode}") for mode in ("1", "L", "LA", "P", "RGBA", "I;16")),
        pytest.param(pictures.saved("JPEG", mode="CMYK"), id="JPEG for print"),
    ],
)
def test_of_every_kind_of_picture_there_is_a_thumbnail(checker: Checker, tmp_path: Path, data: bytes) -> None:
    check(checker, tmp_path, data)
    with Image.open(tmp_path / "file.small") as small:
        assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (8, 8))


def test_w08_pixels_are_counted_before_any_is_unpacked(checker: Checker, tmp_path: Path) -> None:
    """W08: 2,500,000,000 pixels would be 7.5 GB."""
    file = tmp_path / "file"
    file.write_bytes(pictures.png(50_000, 50_000))
    checker.check(_good(tmp_path), None)
    began = time.monotonic()
    with pytest.raises(MediaError, match="pixels"):
        checker.check(file, None)
    assert time.monotonic() - began < 2.0
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1024 * 1024


def test_what_takes_too_long_is_stopped_and_the_next_is_looked_at(tmp_path: Path) -> None:
    """W08: the child is killed, and a fresh one goes on."""
    checker = Checker(seconds=0.001)
    try:
        with pytest.raises(MediaError, match="took longer than"):
            checker.check(_good(tmp_path), None)
        checker.children.seconds = 30.0
        assert checker.check(_good(tmp_path), None).media_type == "image/jpeg"
    finally:
        checker.close()


def _good(folder: Path) -> Path:
    file = folder / "good"
    file.write_bytes(pictures.jpeg())
    return file
