"""What a file of a rendition is, found out in a process that can be killed: a hostile picture costs its process, not the program (W08)."""

import io
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from syndication.children import Children, attend
from syndication.errors import MediaError
from syndication.media.sniff import agrees, media_type
from syndication.media.strip import stripped

MOST_PIXELS: Final = 100_000_000
"""Of one picture: more than any camera of the trade gives, and 400 MB when unpacked."""
THUMBNAIL: Final = (320, 320)
"""Pixels: what is shown of a picture on the desk lies within."""
SMALL: Final = ".small"
"""What is added to the name of a picture's file for that of its thumbnail, a JPEG that tells nothing but the picture."""
FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
SECONDS: Final = 30.0
TAKEN: Final = "JPEG, PNG, WebP, still GIF, MP4, WebM, MP3, Ogg and WAV are taken"


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is. `width`, `height`: of a picture, in pixels; `changed`: the file was written anew, without what is dropped."""

    media_type: str
    width: int | None
    height: int | None
    changed: bool


class Checker:
    """Looks files over in `processes` children. Threads share it."""

    def __init__(self, processes: int = 1, seconds: float = SECONDS) -> None:
        self.children = Children("syndication.media.check", "picture", MediaError, processes, seconds)

    def check(self, file: Path, declared: str | None) -> Found:
        """What the file is. Where it tells what is dropped (`strip`), it is written anew; a picture gets a thumbnail beside it (SMALL).

        Raises MediaError for what is not taken, is not what was declared, or took too long or too much memory.
        """
        answer = self.children.ask(json.dumps([str(file.absolute()), declared]).encode())
        return Found(**json.loads(answer))

    def close(self) -> None:
        """End the children; waits for what is under way."""
        self.children.close()


def examined(data: bytes, declared: str | None) -> tuple[Found, bytes, bytes]:
    """What the bytes are, what is kept of them, and of a picture its thumbnail. It is decoded: only for a process that can be killed."""
    found = media_type(data)
    if found is None:
        raise MediaError(f"it is none of the forms that are taken, whatever it is called: {TAKEN}")
    if not agrees(declared, found):
        said = ascii((declared or "")[:60])
        raise MediaError(f"it is said to be {said}, and is {found}: say what it is, or give the right file")
    kept = stripped(data, found)
    if found not in FORMATS:
        return Found(found, None, None, changed=kept != data), kept, b""
    width, height, small = _decoded(kept, found)
    return Found(found, width, height, changed=kept != data), kept, small


def _decoded(data: bytes, found: str) -> tuple[int, int, bytes]:
    """Width, height and thumbnail of a picture that can be decoded, and is one picture."""
    broken = "the picture cannot be decoded: it is damaged, or none; nothing of it was taken"
    try:
        with Image.open(io.BytesIO(data), formats=(FORMATS[found],)) as picture:
            # Before a pixel is unpacked.
            if picture.width * picture.height > MOST_PIXELS:
                raise MediaError(f"the picture has {picture.width} × {picture.height} pixels; {MOST_PIXELS} are the most in all")
            if getattr(picture, "is_animated", False):
                raise MediaError("the picture moves: still pictures are taken; give it as a video")
            picture.load()
            width, height = picture.size
            return width, height, _small(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaError(f"the picture has more than {MOST_PIXELS} pixels, which are the most in all") from error
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError, MemoryError) as error:
        raise MediaError(broken) from error


def _small(picture: Image.Image) -> bytes:
    """Its thumbnail, the right way up."""
    if picture.mode.startswith("I"):
        # 16 bits of grey, of which Pillow takes the lower 8 where it is asked for fewer; nor does it make a mean of them.
        picture.thumbnail(THUMBNAIL, Image.Resampling.NEAREST)
        picture = picture.convert("I").point(lambda level: level / 256).convert("L")
    picture.thumbnail(THUMBNAIL)
    turned = ImageOps.exif_transpose(picture)
    if turned.has_transparency_data:
        ground = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(ground, turned.convert("RGBA"))
    out = io.BytesIO()
    turned.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def _answered(asked: bytes) -> bytes:
    """The child's answer about one file."""
    path, declared = json.loads(asked)
    file = Path(path)
    found, kept, small = examined(file.read_bytes(), declared)
    if found.changed:
        file.write_bytes(kept)
    if small:
        file.with_suffix(SMALL).write_bytes(small)
    return json.dumps(asdict(found)).encode()


if __name__ == "__main__":
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    attend(1, _answered, MediaError)
