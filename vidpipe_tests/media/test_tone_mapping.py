"""HDR clips look like their SDR twins; SDR clips are what they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vidpipe.demo.compositions import compositions
from vidpipe.demo.scene import render_still
from vidpipe.media.decode import VideoReader, jpeg, reduced_luma, small_chroma
from vidpipe.media.limits import Limits
from vidpipe.media.orientation import UPRIGHT
from vidpipe.media.summarise import Keyframe, SummaryOptions, summarise
from vidpipe.media.tone_mapping import is_hdr
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair
from vidpipe.settings import load_settings

CASE = Path(__file__).parents[3] / "shared/cases/hdr_pq"
SDR, PQ, HLG = 1, 16, 18  # transfer characteristics of H.273
BT709, BT2020, P3 = 1, 9, 12
LIMITED, FULL = 1, 2

_OPTIONS = {
    "libx265": {"preset": "ultrafast", "crf": "8", "x265-params": "log-level=none"},
    "libx264": {"preset": "ultrafast", "crf": "8"},
}

Colours = NDArray[np.float64]
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Coding:
    """How a picture of light is written into a file."""

    transfer: int = PQ
    pixel_format: str = "yuv420p10le"
    codec: str = "libx265"
    primaries: int = BT2020
    colour_range: int = LIMITED
    is_told_by_container_only: bool = False
    suffix: str = "mp4"


@pytest.fixture(scope="module")
def picture() -> Picture:
    """An RGB picture of many colours."""
    shown = compositions("unseen")[74:375:74]
    stills = [render_still(one, (160, 90), seed) for seed, one in enumerate(shown)]
    return np.vstack([np.hstack(stills[:2]), np.hstack(stills[2:4])])


# ------------------------------------------------------------------------------------- twins


CODINGS = {
    "HDR10": Coding(),
    "HDR10 in full range": Coding(colour_range=FULL),
    "PQ in 4:2:2": Coding(pixel_format="yuv422p10le"),
    "PQ in 4:4:4 of 12 bits": Coding(pixel_format="yuv444p12le"),
    "PQ in 8 bits": Coding(pixel_format="yuv420p", codec="libx264"),
    "PQ in 8 bits of JPEG's range": Coding(
        pixel_format="yuvj420p", codec="libx264", colour_range=FULL
    ),
    "PQ in RGB": Coding(pixel_format="gbrp10le"),
    "PQ in ProRes": Coding(pixel_format="yuv422p10le", codec="prores_ks", suffix="mov"),
    "PQ of Display P3": Coding(primaries=P3),
    "PQ told by the container only": Coding(is_told_by_container_only=True),
    "HLG of a phone": Coding(transfer=HLG),
    "HLG of H.264": Coding(transfer=HLG, codec="libx264"),
    "HLG told by the container only": Coding(transfer=HLG, is_told_by_container_only=True),
}


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS.keys())
def test_an_hdr_clip_looks_like_its_sdr_twin(
    tmp_path: Path, picture: Picture, coding: Coding
) -> None:
    clip = hdr_clip(tmp_path / "hdr", sdr_light(picture), coding)
    with VideoReader(clip, Limits()) as reader:
        frame = next(iter(reader)).frame
        shown = decoded(jpeg(frame, reader.orientation))
        luma, chroma = reduced_luma(frame), small_chroma(frame)
    difference = np.abs(shown.astype(int) - picture[..., ::-1])
    assert difference.mean() < 5
    assert saturation(shown) == pytest.approx(saturation(picture[..., ::-1]), rel=0.1)
    assert shown.mean() == pytest.approx(picture.mean(), abs=3)
    wanted = picture @ np.array([0.2126, 0.7152, 0.0722])
    assert np.abs(luma - wanted).mean() < 5
    assert chroma is not None
    for plane, colour in zip(chroma, (2, 0), strict=True):
        scale = 112 / (255 * (1 - (0.2126, 0.7152, 0.0722)[colour]))
        wanted_chroma = 128 + (picture[..., colour].astype(float) - wanted) * scale
        small = cv2.resize(
            wanted_chroma, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_AREA
        )
        assert np.abs(plane - small).mean() < 4


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_keyframes_of_hdr_and_sdr_twins_have_the_same_scores(
    tmp_path: Path, picture: Picture, transfer: int, pair: ClipPair
) -> None:
    sdr = Coding(SDR, "yuv420p", "libx264", BT709)
    one = keyframe(hdr_clip(tmp_path / "hdr", sdr_light(picture), Coding(transfer)))
    other = keyframe(hdr_clip(tmp_path / "sdr", sdr_light(picture), sdr))
    assert one.brightness == pytest.approx(other.brightness, abs=4)
    assert one.entropy == pytest.approx(other.entropy, abs=0.3)
    assert one.colour_variance == pytest.approx(other.colour_variance, rel=0.15)
    assert_same_scores(pair, [one.jpeg], [other.jpeg])


@pytest.mark.skipif(not CASE.is_dir(), reason="the shared cases are not here")
def test_the_shared_hdr_clip_looks_like_its_twin(pair: ClipPair) -> None:
    hdr, sdr = (
        summarise(CASE / name, Limits(), SummaryOptions()).keyframes
        for name in ("hdr_pq.mp4", "sdr.mp4")
    )
    assert len(hdr) == len(sdr)
    for one, other in zip(hdr, sdr, strict=True):
        wanted = saturation(decoded(other.jpeg))
        assert saturation(decoded(one.jpeg)) == pytest.approx(wanted, rel=0.1)
    assert_same_scores(pair, [one.jpeg for one in hdr], [other.jpeg for other in sdr])


# ----------------------------------------------------------------------------- brighter than SDR


def test_light_above_white_is_rolled_off_in_order_and_keeps_its_hue(tmp_path: Path) -> None:
    nits = np.geomspace(150, 1000, 8).repeat(40)  # one bar of each
    orange = np.array([1.0, 0.5, 0.25])
    light = np.broadcast_to(nits[None, :, None] * orange, (180, 320, 3))
    coding = Coding(pixel_format="yuv444p10le")
    shown = first_picture(hdr_clip(tmp_path / "bright", light, coding))
    blue, green, red = shown.reshape(180, 8, 40, 3)[:, :, 10:30].mean(axis=(0, 2)).T
    assert (np.diff(red) > 0).all(), "brighter light is brighter"
    assert red[-1] >= 252, "the nominal peak is as bright as a colour can be"
    assert (green / red) ** 2.2 == pytest.approx(np.full(8, 0.5), abs=0.03)
    assert (blue / red) ** 2.2 == pytest.approx(np.full(8, 0.25), abs=0.03)


def test_light_beyond_the_peak_is_white_and_none_is_black(tmp_path: Path) -> None:
    light = np.zeros((180, 320, 3))
    light[:, 160:] = 8000
    shown = first_picture(hdr_clip(tmp_path / "lamp", light, Coding()))
    assert shown[:, :140].max() <= 2
    assert shown[:, 180:].min() >= 253


def test_a_grey_hdr_frame_stays_grey(tmp_path: Path) -> None:
    light = np.broadcast_to(np.linspace(0, 600, 320)[None, :, None], (180, 320, 3))
    for coding in CODINGS.values():
        shown = first_picture(hdr_clip(tmp_path / "grey", light, coding)).astype(int)
        assert np.ptp(shown, axis=2).max() <= (
            6 if "10" in coding.pixel_format or "12" in coding.pixel_format else 12
        )


# --------------------------------------------------------------------------- what stays as it is


@pytest.mark.parametrize(
    "coding",
    [
        Coding(SDR, "yuv420p", "libx264", BT709),
        Coding(SDR, "yuv420p10le", "libx265", BT709),
        Coding(14, "yuv420p10le", "libx265", BT2020),
        Coding(2, "yuv420p", "libx264", 2, colour_range=FULL),
    ],
)
def test_sdr_pictures_are_what_swscale_makes_of_them(
    tmp_path: Path, picture: Picture, coding: Coding
) -> None:
    clip = hdr_clip(tmp_path / "sdr", sdr_light(picture), coding)
    with VideoReader(clip, Limits()) as reader:
        frame = next(iter(reader)).frame
        assert not is_hdr(frame)
        plain = frame.reformat(format="bgr24", interpolation="BICUBIC", threads=1).to_ndarray()
        done, written = cv2.imencode(".jpg", plain, [cv2.IMWRITE_JPEG_QUALITY, 90])
        assert done
        assert jpeg(frame, UPRIGHT) == written.tobytes()


def test_the_frame_knows_better_than_the_container(tmp_path: Path, picture: Picture) -> None:
    clip = hdr_clip(tmp_path / "sdr", sdr_light(picture), Coding(SDR, "yuv420p10le", "libx265", 1))
    relabelled = tmp_path / "relabelled.mp4"
    data = clip.read_bytes()
    colours = b"colrnclx\x00\x01\x00\x01"
    assert data.count(colours) == 1
    relabelled.write_bytes(data.replace(colours, b"colrnclx\x00\x09\x00\x10"))
    assert first_picture(relabelled).tolist() == first_picture(clip).tolist()


# ------------------------------------------------------------------------------------- the parts


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> ClipPair:
    images, texts = (str(folder) for folder in demo_pair())
    home = tmp_path_factory.mktemp("home")
    return ClipPair.from_settings(
        load_settings(home=home, clip_image_model=images, clip_text_model=texts)
    )


def assert_same_scores(pair: ClipPair, one: list[bytes], other: list[bytes]) -> None:
    """For every text the best keyframes of two videos score within 0.02 of each other."""
    texts = pair.texts.embed(["fruit on a table", "a boat at sea", "a bus at night", "a dog"])
    best = [(pair.images.embed(jpegs) @ texts.T).max(axis=0) for jpegs in (one, other)]
    assert np.abs(best[0] - best[1]).max() <= 0.02


def keyframe(path: Path) -> Keyframe:
    return summarise(path, Limits(), SummaryOptions()).keyframes[0]


def first_picture(path: Path) -> Picture:
    return decoded(keyframe(path).jpeg)


def decoded(encoded: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def saturation(bgr: Picture) -> float:
    return float(cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV)[..., 1].mean())


def sdr_light(picture: Picture) -> Colours:
    """Nits of BT.709 red, green and blue, white being 203."""
    coded = picture / 255
    return 203 * np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def coded_signal(nits: Colours, coding: Coding) -> Colours:
    """R'G'B' from 0 to 1 of light given in BT.709."""
    if coding.transfer not in (PQ, HLG):
        linear = np.clip(nits / 203, 0, 1)
        return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    to_primaries = {  # ITU-R BT.2087; SMPTE EG 432-1
        BT2020: [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]],
        P3: [[0.8225, 0.1775, 0.0], [0.0332, 0.9668, 0.0], [0.0171, 0.0724, 0.9105]],
    }[coding.primaries]
    nits = np.maximum(nits @ np.array(to_primaries).T, 0)
    if coding.transfer == PQ:
        power = (nits / 10_000) ** 0.1593017578125
        signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    else:
        light = nits / 1000
        luminance = light @ np.array([0.2627, 0.6780, 0.0593])
        scene = light * np.maximum(luminance, 1e-9)[..., None] ** (1 / 1.2 - 1)
        high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
        signal = np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)
    return np.clip(signal, 0, 1)


def coded_frames(nits: Colours, coding: Coding) -> Iterator[av.VideoFrame]:
    signal = coded_signal(nits, coding)
    if coding.pixel_format.startswith("gbrp"):
        frame = av.VideoFrame.from_ndarray(np.rint(signal * 65535).astype(np.uint16), "gbrp16le")
    else:
        red, blue = (0.2627, 0.0593) if coding.primaries == BT2020 else (0.2126, 0.0722)
        luma = signal @ np.array([red, 1 - red - blue, blue])
        blue_difference = (signal[..., 2] - luma) / (2 * (1 - blue))
        red_difference = (signal[..., 0] - luma) / (2 * (1 - red))
        is_full = coding.colour_range == FULL
        black, luma_steps, chroma_steps = (0, 255, 255) if is_full else (16, 219, 224)
        planes = [
            black + luma * luma_steps,
            128 + blue_difference * chroma_steps,
            128 + red_difference * chroma_steps,
        ]
        stored = np.clip(np.rint(np.stack(planes, axis=-1) * 256), 0, 65535).astype(np.uint16)
        frame = av.VideoFrame.from_ndarray(stored, "yuv444p16le")
        frame.color_range = coding.colour_range
    frame = frame.reformat(format=coding.pixel_format, threads=1)
    for number in range(3):
        frame.pts, frame.time_base = number, Fraction(1, 12)
        yield frame


def hdr_clip(path: Path, nits: Colours, coding: Coding) -> Path:
    """Three frames of one picture, given as nits of BT.709, written as `coding` says."""
    path = path.with_suffix(f".{coding.suffix}")
    is_rgb = coding.pixel_format.startswith("gbrp")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(coding.codec, rate=12)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = nits.shape[:2]
        stream.pix_fmt = coding.pixel_format
        stream.options = dict(_OPTIONS.get(coding.codec, {}))
        codec = stream.codec_context
        codec.thread_count = 1
        if coding.is_told_by_container_only:
            codec.open()
        codec.color_trc, codec.color_primaries = coding.transfer, coding.primaries
        codec.colorspace = 0 if is_rgb else BT2020 if coding.primaries == BT2020 else BT709
        codec.color_range = FULL if is_rgb else coding.colour_range
        for frame in coded_frames(nits, coding):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
