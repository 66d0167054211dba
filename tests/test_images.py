"""The door for pictures: what comes in, how it is converted, what is refused, how a result is written."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from omniedit.errors import BadInput
from omniedit.images import Limits, from_pil, guard_decoders, open_mask, open_picture, with_alpha
from omniedit.results import encode_png, save_png, save_pngs

WIDTH, HEIGHT = 40, 30


def gradient(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([x, y, 255 - x], axis=-1).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header alone is true."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def refused(source: Any, limits: Limits | None = None) -> str:
    with pytest.raises(BadInput) as caught:
        open_picture(source, limits or Limits())
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and ". " not in message.replace("e.g. ", "")
    return message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_formats(kind: str, tmp_path: Path) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    data = encoded(gradient(), kind)
    (tmp_path / "a.bin").write_bytes(data)
    for source in (data, io.BytesIO(data), tmp_path / "a.bin", str(tmp_path / "a.bin")):
        picture = open_picture(source)
        assert (picture.rgb.mode, picture.rgb.size, picture.alpha) == ("RGB", (WIDTH, HEIGHT), None)
        assert picture.format == kind and picture.notes == () and picture.rgb.info == {}
        assert np.abs(array(picture.rgb) - array(gradient())).mean() < 20


def test_heic() -> None:
    heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    heif.from_pillow(gradient(64, 48)).save(buffer, quality=90)
    picture = open_picture(buffer.getvalue())
    assert picture.format == "HEIF" and picture.rgb.size == (64, 48)
    refused(buffer.getvalue()[:200])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_orientation_is_applied_once_and_metadata_go(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SecretCamera"
    picture = open_picture(encoded(gradient(), kind, exif=exif))
    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
    expected = gradient().transpose(turned[orientation])
    assert picture.rgb.size == expected.size
    assert np.abs(array(picture.rgb) - array(expected)).mean() < 20
    assert not picture.rgb.info and not picture.rgb.getexif()
    assert b"SecretCamera" not in encode_png(picture.rgb)


def test_damaged_exif_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(gradient(), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f garbage")
    assert open_picture(data).rgb.size == (WIDTH, HEIGHT)

    def fail(_: Image.Image) -> Image.Image:
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr("PIL.ImageOps.exif_transpose", fail)
    picture = open_picture(data)
    assert picture.rgb.size == (WIDTH, HEIGHT) and "its rotation was not applied" in picture.notes[0]


def test_grey_modes() -> None:
    ramp = np.tile(np.linspace(0, 65535, WIDTH), (HEIGHT, 1))
    wide = Image.fromarray(ramp.astype(np.uint16))
    floats = Image.fromarray((ramp / 65535).astype(np.float32))
    ints = Image.fromarray(ramp.astype(np.int32))
    for data in (encoded(wide, "PNG"), encoded(wide, "TIFF"), encoded(floats, "TIFF"), encoded(ints, "TIFF")):
        found = array(open_picture(data).rgb)
        assert np.abs(found - np.round(ramp / 257)[..., None]).max() <= 1
    bits = gradient().convert("1")
    assert set(np.unique(array(open_picture(encoded(bits, "PNG")).rgb))) == {0, 255}
    grey = gradient().convert("L")
    assert np.array_equal(array(open_picture(encoded(grey, "PNG")).rgb)[..., 1], array(grey))
    not_numbers = np.full((HEIGHT, WIDTH), np.nan, np.float32)
    assert open_picture(encoded(Image.fromarray(not_numbers), "TIFF")).rgb.getextrema()[0] == (0, 0)


def test_alpha_is_kept_beside() -> None:
    alpha = Image.fromarray(np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1)))
    rgba = with_alpha(gradient(), alpha)
    grey = gradient().convert("L")
    grey.putalpha(alpha)
    for image in (rgba, grey):
        picture = open_picture(encoded(image, "PNG"))
        assert picture.alpha is not None and np.array_equal(array(picture.alpha), array(alpha))
    picture = open_picture(encoded(rgba, "PNG"))
    assert np.array_equal(array(picture.rgb), array(gradient()))  # colours under full transparency too
    assert np.array_equal(array(with_alpha(picture.rgb, picture.alpha)), array(rgba))
    assert open_picture(encoded(with_alpha(gradient(), Image.new("L", (WIDTH, HEIGHT), 255)), "PNG")).alpha is None


def test_palette_and_named_transparent_colours() -> None:
    palette = gradient().quantize(16)
    picture = open_picture(encoded(palette, "PNG", transparency=3))
    assert picture.alpha is not None
    assert np.array_equal(array(picture.alpha) == 0, array(palette) == 3)
    assert np.array_equal(array(open_picture(encoded(palette, "PNG")).rgb), array(palette.convert("RGB")))
    plain = Image.new("RGB", (WIDTH, HEIGHT), (1, 2, 3))
    keyed = open_picture(encoded(plain, "PNG", transparency=(1, 2, 3)))
    assert keyed.alpha is not None and keyed.alpha.getextrema() == (0, 0)


def test_cmyk_and_profiles() -> None:
    cmyk = Image.new("CMYK", (WIDTH, HEIGHT), (0, 255, 255, 0))
    red = array(open_picture(encoded(cmyk, "TIFF")).rgb)[0, 0]
    assert red[0] > 200 and red[1] < 60 and red[2] < 60
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = open_picture(encoded(gradient(), "PNG", icc_profile=srgb))
    assert np.array_equal(array(same.rgb), array(gradient())) and same.notes == ()
    broken = open_picture(encoded(gradient(), "PNG", icc_profile=b"not a profile"))
    assert np.array_equal(array(broken.rgb), array(gradient())) and "profile" in broken.notes[0]
    other_kind = open_picture(encoded(cmyk, "TIFF", icc_profile=srgb))
    assert other_kind.rgb.mode == "RGB" and len(other_kind.notes) == 1
    lab = Image.new("LAB", (WIDTH, HEIGHT), (255, 128, 128))
    assert open_picture(encoded(lab, "TIFF")).rgb.mode == "RGB"


def test_a_profile_is_turned_into_srgb() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {profile[132 + 12 * i : 136 + 12 * i].decode(): 132 + 12 * i for i in range(profile[131])}
    red, green = tags["rXYZ"], tags["gXYZ"]  # a profile with its red and green primaries changed over
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    found = array(open_picture(encoded(gradient(), "PNG", icc_profile=bytes(profile))).rgb)
    assert np.abs(found - array(gradient())[..., [1, 0, 2]]).max() <= 3


def test_the_first_frame_is_used_and_said() -> None:
    frames = [Image.new("RGB", (WIDTH, HEIGHT), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "TIFF", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        picture = open_picture(data)
        assert "3 pictures" in picture.notes[0] and array(picture.rgb)[0, 0][0] > 240
        assert "3 pictures" in refused(data, Limits(frames=2))
    assert "GIF larger" in refused(encoded(frames[0], "GIF"), Limits(gif_bytes=20))


def test_a_decoded_picture_is_treated_alike() -> None:
    image = gradient()
    image.info["secret"] = "x"
    picture = from_pil(image)
    assert picture.rgb.info == {} and image.info == {"secret": "x"} and picture.format == ""
    picture.rgb.putpixel((0, 0), (9, 9, 9))
    assert image.getpixel((0, 0)) != (9, 9, 9)
    with pytest.raises(BadInput, match="1 x 1"):
        from_pil(Image.new("RGB", (1, 1)))


def test_masks() -> None:
    painted = np.zeros((HEIGHT, WIDTH), np.uint8)
    painted[5:10, 5:20] = 255
    mask = Image.fromarray(painted)
    layer = with_alpha(Image.new("RGB", mask.size, "black"), mask)
    for image in (mask, mask.convert("1"), mask.convert("RGB"), layer):
        found = open_mask(encoded(image, "PNG"))
        assert found.mode == "L" and np.array_equal(array(found), painted)
    assert np.array_equal(array(open_mask(layer)), painted)


@pytest.mark.filterwarnings("error")
def test_bad_files_get_one_sentence_each(tmp_path: Path) -> None:
    def at(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    png = encoded(gradient(), "PNG")
    assert "no file 'gone.png'" in refused(tmp_path / "gone.png")
    assert "folder" in refused(tmp_path)
    assert "empty" in refused(at("empty.png", b""))
    assert "text" in refused(at("text.png", b"hello, this is not a picture\n" * 9))
    assert "SVG" in refused(at("a.svg", b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'))
    assert "PDF" in refused(at("a.pdf", b"%PDF-1.7\n\xe2\xe3"))
    assert "BMP" in refused(encoded(gradient(), "BMP"))
    assert "not a picture" in refused(np.random.default_rng(0).bytes(5000))
    assert "60000 x 60000" in refused(png_of(60000, 60000)) or "3,600 mega" in refused(png_of(60000, 60000))
    assert "50 megapixels" in refused(png_of(10000, 9500))
    assert "1 x 1" in refused(png_of(1, 1))
    assert "30 times" in refused(png_of(3000, 100))
    assert "20,000" in refused(png_of(20001, 1500))
    refused(png_of(0, 10))
    refused(png_of(2**31 - 1, 2**31 - 1))
    assert "MiB" in refused(png, Limits(bytes=100))
    assert "cannot be read" in refused(tmp_path / ("x" * 300))
    refused("nul\0byte.png")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_a_truncated_file_is_refused(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    for length in (12, len(data) // 4, len(data) // 2, len(data) * 3 // 4):
        refused(data[:length])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF"])
def test_damaged_bytes_never_raise_anything_else(kind: str) -> None:
    data = encoded(gradient(), kind)
    rng = np.random.default_rng(1)
    for _ in range(60):
        damaged = np.frombuffer(data, np.uint8).copy()
        damaged[rng.integers(0, min(len(data), 400), 6)] = rng.integers(0, 256, 6)
        try:
            assert open_picture(damaged.tobytes()).rgb.mode == "RGB"
        except BadInput as error:
            assert str(error).endswith(".")


def test_pictures_that_belong_together_appear_together(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"mine")
    with pytest.raises(BadInput, match=r"b\.png.* exists already"):
        save_pngs([gradient(), gradient()], [tmp_path / "a.png", tmp_path / "b.png"], overwrite=False)
    with pytest.raises(ValueError, match="mode CMYK"):
        save_pngs([gradient(), gradient().convert("CMYK")], [tmp_path / "a.png", tmp_path / "c.png"], overwrite=False)
    assert [p.name for p in tmp_path.iterdir()] == ["b.png"]


def test_a_file_that_came_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniedit.results.check_target", lambda path, overwrite: Path(path))
    (tmp_path / "a.png").write_bytes(b"mine")
    with pytest.raises(BadInput, match="exists already"):
        save_png(gradient(), tmp_path / "a.png")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"mine"]


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(BadInput, match="no leave to write"):
        save_png(gradient(), tmp_path / "a.png")


def test_links_in_a_circle_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(BadInput, match="cannot be written"):
        save_png(gradient(), tmp_path / "a.png")


def test_other_decoders_are_held_to_the_limit() -> None:
    before = Image.MAX_IMAGE_PIXELS
    try:
        guard_decoders(Limits(pixels=2 * WIDTH * HEIGHT - 2))
        with Image.open(io.BytesIO(encoded(gradient(), "PNG"))) as image:  # within twice the mark
            image.load()
        with pytest.raises(Image.DecompressionBombError):
            Image.open(io.BytesIO(png_of(2 * WIDTH, HEIGHT)))
    finally:
        Image.MAX_IMAGE_PIXELS = before


def test_saving(tmp_path: Path) -> None:
    image = gradient()
    image.info["Comment"] = "secret"
    path = save_png(image, tmp_path / "out.png")
    assert path.read_bytes() == encode_png(image) == encode_png(gradient())
    assert np.array_equal(array(open_picture(path).rgb), array(image)) and b"secret" not in path.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        save_png(image, path)
    save_png(Image.new("RGB", (20, 20)), path, overwrite=True)
    assert open_picture(path).rgb.size == (20, 20)
    for wrong in ("out.jpg", "none/out.png", "out"):
        with pytest.raises(BadInput, match="cannot be written"):
            save_png(image, tmp_path / wrong)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(BadInput, match="not a file"):
        save_png(image, tmp_path / "folder.png", overwrite=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.png", "out.png"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs resource limits")
def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # every longer file fails, as on a full disk
        with pytest.raises(BadInput, match="cannot be written"):
            save_png(gradient(), tmp_path / "out.png")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
