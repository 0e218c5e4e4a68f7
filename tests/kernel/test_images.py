import io

import pillow_heif
import pytest
from PIL import ExifTags, Image, PngImagePlugin

from shouwen.kernel import images
from shouwen.kernel.images import BadFile


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(width=640, height=480, mode="RGB"):
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def gps(latitude=(30.0, 16.0, 26.94), ref="N", longitude=(120.0, 9.0, 18.54), longitude_ref="E"):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SecretPhone"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: ref, 2: latitude, 3: longitude_ref, 4: longitude})
    return exif


@pytest.mark.parametrize(
    ("kind", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/jpeg")]
)
def test_a_picture_is_encoded_anew_with_smaller_variants(kind, mime):
    picture = images.reencode(encoded(photo(2000, 1500), kind))
    assert (picture.mime, picture.width, picture.height) == (mime, 2000, 1500)
    assert opened(picture.data).size == (2000, 1500)
    assert opened(picture.variants["screen"]).size == (1600, 1200)
    assert opened(picture.variants["thumb"]).size == (320, 240)
    assert picture.position is None


def test_a_heic_of_a_telephone_becomes_a_jpeg():
    out = io.BytesIO()
    pillow_heif.from_pillow(photo()).save(out)
    picture = images.reencode(out.getvalue())
    assert (picture.mime, picture.width, picture.height) == ("image/jpeg", 640, 480)
    assert opened(picture.data).format == "JPEG"


def test_position_is_kept_apart_and_everything_else_is_stripped():
    data = encoded(photo(), "JPEG", exif=gps(), comment=b"<script>alert(1)</script>")
    assert b"SecretPhone" in data
    picture = images.reencode(data)
    assert str(picture.position) == "30.274150,120.155150"
    for kept in (picture.data, *picture.variants.values()):
        assert b"SecretPhone" not in kept
        assert b"script" not in kept
        assert not opened(kept).getexif()
    assert (picture.width, picture.height) == (480, 640), "turned upright as the orientation says"


def test_text_chunks_of_a_png_are_stripped_and_transparency_stays():
    chunk = PngImagePlugin.PngInfo()
    chunk.add_text("Comment", "secret words")
    picture = images.reencode(encoded(photo(mode="RGBA"), "PNG", pnginfo=chunk))
    assert b"secret words" not in picture.data
    assert opened(picture.data).mode == "RGBA"
    assert opened(picture.variants["thumb"]).mode == "RGBA"


@pytest.mark.parametrize(
    "exif",
    [
        gps(latitude=(91.0, 0.0, 0.0)),
        gps(latitude=(0.0, 0.0, 0.0), longitude=(0.0, 0.0, 0.0)),
        gps(latitude=(30.0, 0.0)),
    ],
)
def test_an_impossible_position_is_none(exif):
    assert images.reencode(encoded(photo(), "JPEG", exif=exif)).position is None


def test_south_and_west_are_negative():
    picture = images.reencode(encoded(photo(), "JPEG", exif=gps(ref="S", longitude_ref="W")))
    assert str(picture.position) == "-30.274150,-120.155150"


def test_a_long_picture_is_scaled_down():
    picture = images.reencode(encoded(photo(6000, 3000), "JPEG"))
    assert (picture.width, picture.height) == (4096, 2048)


def test_a_great_png_without_transparency_is_kept_as_jpeg():
    assert images.reencode(encoded(photo(3000, 2000), "PNG")).mime == "image/jpeg"


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_taken(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = photo().convert("I").convert("I;16") if mode == "I;16" else photo(mode=mode)
    assert images.reencode(encoded(image, kind)).width == 640


def test_the_first_frame_of_a_moving_picture_is_kept():
    frames = [photo(), photo().rotate(180)]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert images.reencode(data).mime == "image/jpeg"


def refused(data):
    with pytest.raises(BadFile) as caught:
        images.reencode(data)
    return caught.value.code


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(images, "MOST_PIXELS", 10_000)
    assert refused(encoded(photo(), "JPEG")) == "too-many-pixels"


def test_a_small_file_of_giant_size_is_refused():
    bomb = encoded(Image.new("1", (30_000, 30_000)), "PNG")
    assert len(bomb) < 200_000
    assert refused(bomb) == "too-many-pixels"
    assert refused(encoded(Image.new("1", (9_000, 9_000)), "PNG")) == "too-many-pixels"


def test_broken_and_foreign_data_are_refused():
    data = encoded(photo(), "JPEG", quality=95)
    assert refused(data[: len(data) // 2]) == "broken-picture"
    png = encoded(photo(), "PNG")
    assert refused(png[:100] + bytes(200) + png[300:]) == "broken-picture"
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PDF"):
        assert refused(encoded(photo(), kind)) == "broken-picture"
    for content in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\xff\xd8\xff"):
        assert refused(content) == "broken-picture"
