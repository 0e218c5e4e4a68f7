"""Pictures from strangers: decoded within limits and encoded anew: none of the sender's bytes is kept."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Final

import pillow_heif
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps

MOST_PIXELS: Final = 60_000_000
LONGEST_EDGE: Final = 4096
VARIANTS: Final = {"thumb": 320, "screen": 1600}
FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
_QUALITY: Final = 88
_SCREENSHOT: Final = 5_000_000  # pixels: a greater PNG is a photograph, and as JPEG a tenth of the size

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
pillow_heif.register_heif_opener()


class BadFile(ValueError):
    """An upload that is not accepted: `code` for machines, `str()` for the person who sent it."""

    def __init__(self, code: str, sentence: str | Promise) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a photograph says it was taken, in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def __str__(self) -> str:
        return f"{self.latitude:.6f},{self.longitude:.6f}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as we keep it: upright, without metadata, JPEG, or PNG if transparent or a screenshot."""

    data: bytes
    mime: str
    width: int
    height: int
    position: Position | None
    variants: dict[str, bytes]


def reencode(data: bytes) -> Picture:
    """Decode JPEG, PNG, WebP or HEIC and encode anew, with smaller variants; raises `BadFile`.

    The first frame of a moving picture is kept. A longer edge than 4096 is scaled down.
    """
    try:
        # Pillow warns from the limit on and raises at twice of it: for us the limit is the limit.
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _reencode(data)
    except BadFile:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        OverflowError,
        RuntimeError,
    ) as error:
        # What decoders raise at broken data is no one family: any of these means that it is no whole picture.
        raise BadFile("broken-picture", _("图片已损坏或格式不符，请重新拍摄或另存后上传")) from error


def _reencode(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as probe:
        if probe.width * probe.height > MOST_PIXELS:
            raise _too_many_pixels()
        probe.verify()
    with Image.open(io.BytesIO(data), formats=FORMATS) as source:
        lossless = source.format == "PNG"
        position = _position(source)
        if source.format == "JPEG":
            source.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        source.load()
        upright = ImageOps.exif_transpose(source)
    flat = _flatten(upright)
    if max(flat.size) > LONGEST_EDGE:
        flat.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    lossless = flat.mode == "RGBA" or (lossless and flat.width * flat.height <= _SCREENSHOT)
    variants, smaller = {}, flat
    for name, edge in sorted(VARIANTS.items(), key=lambda item: -item[1]):
        smaller = smaller.copy()
        smaller.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        variants[name] = _encode(smaller, lossless=smaller.mode == "RGBA")
    mime = "image/png" if lossless else "image/jpeg"
    return Picture(_encode(flat, lossless=lossless), mime, flat.width, flat.height, position, variants)


def _flatten(image: Image.Image) -> Image.Image:
    """A fresh RGB or RGBA picture that carries pixels only (no EXIF, profile, text chunks)."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    converted = image.convert(mode)
    bare = Image.new(mode, converted.size)
    bare.paste(converted)
    return bare


def _encode(image: Image.Image, *, lossless: bool) -> bytes:
    out = io.BytesIO()
    if lossless:
        image.save(out, "PNG", compress_level=6)
    else:
        image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _position(image: Image.Image) -> Position | None:
    """Read the GPS block of the EXIF data; a broken or impossible one counts as none."""
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], south=gps[ExifTags.GPS.GPSLatitudeRef] == "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], south=gps[ExifTags.GPS.GPSLongitudeRef] == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError, SyntaxError, OSError):
        return None
    if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude):
        return Position(latitude, longitude)
    return None


def _degrees(parts: tuple[float, float, float], *, south: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if south else value


def _too_many_pixels() -> BadFile:
    return BadFile("too-many-pixels", _("图片像素过多（上限 6000 万）,请缩小后再上传"))
