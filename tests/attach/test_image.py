from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as pillow

from tests.attach.conftest import Shelf, decoded, encoded, gradient, png_chunk, png_claiming
from tui_chat.attach import attach_content, attach_file, image_url
from tui_chat.errors import AttachError, StoreError
from tui_chat.wire.messages import Image


def image_of(content: bytes, shelf: Shelf, name: str = "photo", **options: object) -> Image:
    part = attach_content(content, name, keep=shelf.keep, **options).part  # type: ignore[arg-type]
    assert isinstance(part, Image)
    return part


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_small_picture_is_kept_byte_for_byte_whatever_it_is_called(format_name: str, shelf: Shelf, tmp_path: Path):
    content = encoded(gradient(120, 80), format_name)
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    attached = attach_file(path, keep=shelf.keep, detail="high")
    assert isinstance(attached.part, Image)
    assert shelf[attached.part.blob] == content
    assert attached.notes == () and not attached.suspicious
    assert attached.part == Image(
        blob=attached.part.blob,
        media_type=f"image/{format_name.lower()}",
        name="notes.txt",
        width=120,
        height=80,
        size=len(content),
        detail="high",
    )


@pytest.mark.parametrize(
    ("format_name", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "L"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
)
def test_a_large_picture_is_scaled_down_with_its_aspect_and_its_colours(format_name: str, mode: str, shelf: Shelf):
    content = encoded(gradient(2400, 300, mode), format_name)
    attached = attach_content(content, "big", keep=shelf.keep)
    part = attached.part
    assert isinstance(part, Image)
    assert (part.width, part.height) == (2048, 256)
    picture = decoded(shelf[part.blob])
    assert picture.size == (2048, 256)
    assert part.media_type == f"image/{'png' if format_name == 'GIF' else format_name.lower()}"
    assert picture.format == part.media_type.removeprefix("image/").upper()
    assert part.size == len(shelf[part.blob])
    before, after = decoded(content).convert("RGB").resize((2, 1)), picture.convert("RGB").resize((2, 1))
    for place in ((0, 0), (1, 0)):
        differences = zip(before.getpixel(place), after.getpixel(place), strict=True)  # type: ignore[arg-type]
        assert all(abs(one - other) <= 8 for one, other in differences)
    (note,) = attached.notes
    assert note.key == "attach.downscaled"
    sizes = {"width": 2048, "height": 256, "from_width": 2400, "from_height": 300}
    assert note.facts == {"name": "big", **sizes}


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped_to_white(shelf: Shelf):
    content = encoded(pillow.new("I;16", (2200, 100), 0x8080), "PNG")
    picture = decoded(shelf[image_of(content, shelf).blob])
    assert picture.mode == "L"
    assert picture.getpixel((1000, 40)) == 128


@pytest.mark.parametrize("format_name", ["PNG", "WEBP"])
def test_what_is_transparent_stays_transparent(format_name: str, shelf: Shelf):
    picture = gradient(2500, 100, "RGBA")
    picture.putalpha(pillow.linear_gradient("L").rotate(90).resize(picture.size))
    after = decoded(shelf[image_of(encoded(picture, format_name), shelf).blob])
    assert after.mode == "RGBA"
    assert after.getchannel("A").getextrema() == picture.getchannel("A").getextrema()


def test_a_transparent_palette_colour_stays_transparent(shelf: Shelf):
    picture = pillow.new("P", (2500, 50), 3)
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 9, 9, 9])
    picture.paste(1, (0, 0, 1250, 50))
    after = decoded(shelf[image_of(encoded(picture, "PNG", transparency=3), shelf).blob])
    assert after.getpixel((10, 10)) == (255, 0, 0, 255)
    assert after.getpixel((2000, 10))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_sideways_is_set_upright_when_it_is_encoded_again(orientation: int, shelf: Shelf):
    from PIL import ImageOps

    exif = pillow.Exif()
    exif[0x0112] = orientation
    content = encoded(gradient(2400, 300), "JPEG", exif=exif)
    part = image_of(content, shelf)
    seen = ImageOps.exif_transpose(decoded(content))
    assert seen is not None
    assert (part.width, part.height) == ((256, 2048) if orientation >= 5 else (2048, 256))
    after = decoded(shelf[part.blob])
    assert after.size == (part.width, part.height)
    assert 0x0112 not in after.getexif()  # else the viewer would turn it once more
    small_seen, small_after = seen.resize((2, 2)), after.resize((2, 2))
    for place in ((0, 0), (1, 0), (0, 1), (1, 1)):
        pairs = zip(small_seen.getpixel(place), small_after.getpixel(place), strict=True)  # type: ignore[arg-type]
        assert all(abs(one - other) <= 10 for one, other in pairs)


def test_broken_exif_does_not_break_the_picture(shelf: Shelf):
    content = encoded(gradient(2400, 100), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\x01\x12")
    assert image_of(content, shelf).width == 2048


def test_the_place_where_a_photo_was_taken_is_not_sent_when_it_is_encoded_again(shelf: Shelf):
    exif = pillow.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "SECRETCAMERA"
    content = encoded(gradient(2400, 100), "JPEG", exif=exif)
    assert b"SECRETCAMERA" in content
    assert b"SECRETCAMERA" not in shelf[image_of(content, shelf).blob]


def test_a_colour_profile_survives_scaling(shelf: Shelf):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = encoded(gradient(2400, 100), "JPEG", icc_profile=profile)
    assert decoded(shelf[image_of(content, shelf).blob]).info["icc_profile"] == profile


def test_the_original_is_kept_on_request(shelf: Shelf):
    content = encoded(gradient(3000, 100), "JPEG")
    attached = attach_content(content, "a.jpg", keep=shelf.keep, keep_original=True)
    assert isinstance(attached.part, Image)
    assert shelf[attached.part.blob] == content
    assert attached.notes == ()
    assert attached.part.width == 3000


def test_another_limit_of_pixels_is_heeded(shelf: Shelf):
    assert image_of(encoded(gradient(300, 200), "PNG"), shelf, image_limit_px=30).height == 20


def test_a_very_long_thin_picture_keeps_a_pixel_of_height(shelf: Shelf):
    part = image_of(encoded(pillow.new("RGB", (9000, 2)), "PNG"), shelf)
    assert (part.width, part.height) == (2048, 1)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_sent_and_that_is_said(format_name: str, shelf: Shelf):
    frames = [pillow.new("RGB", (40, 30), colour) for colour in ("red", "blue", "lime")]
    content = encoded(frames[0], format_name, save_all=True, append_images=frames[1:], lossless=True)
    attached = attach_content(content, "dance", keep=shelf.keep)
    assert isinstance(attached.part, Image)
    picture = decoded(shelf[attached.part.blob])
    assert getattr(picture, "n_frames", 1) == 1
    red, green, blue = picture.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 250 and green < 5 and blue < 5
    assert [note.key for note in attached.notes] == ["attach.first_frame"]
    whole = attach_content(content, "dance", keep=shelf.keep, keep_original=True)
    assert isinstance(whole.part, Image)
    assert shelf[whole.part.blob] == content
    assert [note.key for note in whole.notes] == ["attach.animated"]


def gif_claiming(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(20)


def webp_claiming(kind: bytes, width: int, height: int) -> bytes:
    if kind == b"VP8X":
        body = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        body = b"\x2f" + (width - 1 | (height - 1) << 14).to_bytes(4, "little") + bytes(8)
    else:
        body = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(8)
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


def jpeg_claiming(width: int, height: int) -> bytes:
    content = bytearray(encoded(pillow.new("RGB", (16, 16)), "JPEG"))
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


BOMBS = {
    "png 400 MP": png_claiming(20_000, 20_000),
    "png 144 MP": png_claiming(12_000, 12_000),
    "png 51 MP": png_claiming(51_000, 1_000),
    "png largest": png_claiming(0x7FFFFFFF, 0x7FFFFFFF),
    "png second header": png_claiming(10, 10, (20_000, 20_000)),
    "jpeg 4295 MP": jpeg_claiming(65_500, 65_500),
    "jpeg 51 MP": jpeg_claiming(51_000, 1_001),
    "gif 4295 MP": gif_claiming(65_535, 65_535),
    "webp extended": webp_claiming(b"VP8X", 1 << 24, 1 << 24),
    "webp lossless": webp_claiming(b"VP8L", 16_384, 16_384),
    "webp lossy": webp_claiming(b"VP8 ", 16_383, 16_383),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("keep_original", [False, True])
def test_a_bomb_is_refused_and_nothing_is_decoded(
    name: str, keep_original: bool, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    def no_decoding(*_: object) -> None:
        raise AssertionError("decoded a bomb")

    from PIL import ImageFile

    monkeypatch.setattr(ImageFile.ImageFile, "load", no_decoding)
    with pytest.raises(AttachError) as caught:
        attach_content(BOMBS[name], "bomb", keep=shelf.keep, keep_original=keep_original)
    assert caught.value.key == "error.attach_image_bomb"
    assert shelf == {}


def test_a_jpeg_of_very_many_scans_is_refused(shelf: Shelf):
    content = encoded(gradient(2000, 2000), "JPEG", progressive=True)
    assert image_of(content, shelf).width == 2000
    start, end = content.rindex(b"\xff\xda"), content.rindex(b"\xff\xd9")
    bomb = content[:end] + content[start:end] * 400 + content[end:]
    with pytest.raises(AttachError, match="attach_image_bomb"):
        attach_content(bomb, "scans.jpg", keep=shelf.keep)


def test_bombs_do_not_grow_the_memory():
    script = (
        "import os, pickle, sys\n"
        "from tests.terminal.processes import peak_of_one_mb\n"
        "from tui_chat.attach import attach_content\n"
        "from tui_chat.errors import AttachError\n"
        "import PIL.Image, PIL.WebPImagePlugin\n"
        "bombs = pickle.load(sys.stdin.buffer)\n"
        "before = peak_of_one_mb(os.getpid())\n"
        "for bomb in bombs:\n"
        "    try: attach_content(bomb, 'bomb', keep=lambda _: 'x')\n"
        "    except AttachError: continue\n"
        "    sys.exit('a bomb was taken')\n"
        "print(peak_of_one_mb(os.getpid()) - before)\n"
    )
    if sys.platform == "win32":
        pytest.skip("neither /proc nor ps tells the memory of a process")
    import pickle

    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(list(BOMBS.values())), capture_output=True, check=True
    )
    assert float(done.stdout) < 50


DAMAGED = {
    "png cut": encoded(gradient(200, 200), "PNG")[:-400],
    "png header only": b"\x89PNG\r\n\x1a\n",
    "png no pixels": png_claiming(0, 10),
    "png without data": b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 0, 0, 0, 0))
    + png_chunk(b"IEND", b""),
    "jpeg cut": encoded(gradient(400, 400), "JPEG")[:-1500],
    "jpeg start": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "jpeg no frame": b"\xff\xd8\xff\xd9" + bytes(40),
    "gif cut": encoded(gradient(200, 200, "P"), "GIF")[:900],
    "gif claim only": gif_claiming(10, 10),
    "webp cut": encoded(gradient(200, 200), "WEBP")[:200],
    "webp rubbish": webp_claiming(b"VP8 ", 10, 10),
    "webp unknown": webp_claiming(b"JUNK", 10, 10),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_picture_is_refused_with_one_clear_reason(name: str, shelf: Shelf):
    with pytest.raises(AttachError) as caught:
        attach_content(DAMAGED[name], "broken", keep=shelf.keep)
    assert caught.value.key == "error.attach_damaged"
    assert shelf == {}


def test_a_picture_cut_at_any_place_is_taken_or_refused_and_never_raises_else(shelf: Shelf):
    for format_name in ("PNG", "JPEG", "WEBP", "GIF"):
        content = encoded(gradient(60, 40), format_name)
        for length in range(1, len(content), 7):
            try:
                attach_content(content[:length], "cut.bin", keep=shelf.keep)
            except AttachError as error:
                assert error.key.startswith("error.attach_")


def test_a_full_disk_is_not_called_a_damaged_picture():
    def full(content: bytes) -> str:
        raise StoreError("error.disk_full")

    with pytest.raises(StoreError):
        attach_content(encoded(gradient(10, 10), "PNG"), "a.png", keep=full)


def test_pillow_is_not_imported_before_a_picture_comes():
    script = (
        "import sys, tui_chat.attach as a; assert not any(m.split('.')[0] == 'PIL' for m in sys.modules)\n"
        "a.attach_content(b'words', 'a.txt', keep=lambda c: 'x')\n"
        "assert 'PIL' not in sys.modules and 'textual' not in sys.modules and 'h11' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_address_of_a_picture_is_taken_as_it_is():
    part = image_url(" https://example.org/a/cat%20one.png?w=3#x ", detail="low")
    assert part == Image(url="https://example.org/a/cat%20one.png?w=3#x", name="cat one.png", detail="low")
    assert image_url("http://example.org").name == "example.org"
    assert image_url("https://例子.中国/猫.png").name == "猫.png"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cat.png",
        "ftp://example.org/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "https://",
        "https:///a.png",
        "http://[::1/a.png",
        "https://example.org/a b.png",
        "https://example.org/a\x1b[2J.png",
        "https://example.org/" + "a" * 9000,
    ],
)
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(AttachError) as caught:
        image_url(url)
    assert caught.value.key == "error.attach_url"
    assert len(str(caught.value.facts["url"])) <= 100


def test_an_address_with_a_password_is_refused_and_the_password_not_repeated():
    with pytest.raises(AttachError) as caught:
        image_url("https://me:hunter2@example.org/a.png")
    assert caught.value.key == "error.attach_url_password"
    assert "hunter2" not in str(caught.value)
