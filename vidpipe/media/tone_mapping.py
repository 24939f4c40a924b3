"""Frames of high dynamic range (HDR) as the pictures of standard range (SDR) that people compare.

Belongs here: how a frame is coded (PQ, HLG, range), its light, BT.2020 to BT.709, tone mapping.
Does not: frames of standard range, which nothing here touches, whatever their primaries
(vidpipe.media.decode reads them as they are).

Read as if it were SDR, an HDR frame is grey and flat: it would match no text and no SDR copy.

The light of a pixel is the standard's; the operator is Möbius: light up to `KNEE` of reference
white stays as it is, what is brighter is rolled off, so that whatever fits into SDR keeps its look
and contrast. Hable and Reinhard darken the middle tones for highlights that few videos have, and
BT.2390 darkens everything above 94 of 203 nits. The brightest of the three colours is mapped and
the others follow in proportion, so that no hue or saturation changes. The curve does not depend on
the frame or on the metadata of its mastering, which are often wrong: equal pixels stay equal.

FFmpeg as PyAV bundles it has neither zscale nor libplacebo, and the colour mapping of its swscale
takes seconds to set up for each size of frame.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

REFERENCE_WHITE_NITS = 203
"""The light of white paper in HDR, which is the white of SDR. Source: ITU-R BT.2408."""

PEAK_NITS = 1000
"""Light that becomes the brightest white: the nominal peak of HLG, and of most PQ masters."""

KNEE = 0.75
"""Light, in units of reference white, up to which nothing is changed."""

# Code points of ISO/IEC 23091-2 (H.273), as FFmpeg and PyAV count them.
_UNSPECIFIED = 2
_PQ, _HLG = 16, 18
_BT2020_PRIMARIES, _BT2020_MATRIX = 9, 9
_LIMITED_RANGE, _FULL_RANGE = 1, 2

_LUMA_WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Shares of red and blue in luma, by matrix; every other matrix is read as BT.2020's."""

_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_PRIMARIES = {
    1: _BT709,
    _BT2020_PRIMARIES: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
"""The xy of red, green and blue; white is D65 in all of them."""
_D65 = (0.3127, 0.3290)

_CODES = 65536


@dataclass(frozen=True)
class DeclaredColours:
    """What a container says of the colours of its video, before anything is decoded.

    Decoders of HEVC and ProRes forget it where the video itself says nothing.
    """

    transfer: int
    primaries: int
    matrix: int

    @classmethod
    def of(cls, stream: VideoStream) -> "DeclaredColours":
        """Reads a stream that was just opened."""
        codec = stream.codec_context
        return cls(int(codec.color_trc), int(codec.color_primaries), int(codec.colorspace))

    def complete(self, frame: VideoFrame) -> None:
        """Tells a frame that it is HDR where only the container says so; changes no other."""
        if self.transfer not in (_PQ, _HLG) or int(frame.color_trc) != _UNSPECIFIED:
            return
        frame.color_trc = self.transfer
        if int(frame.color_primaries) == _UNSPECIFIED:
            frame.color_primaries = self.primaries
        if int(frame.colorspace) == _UNSPECIFIED:
            frame.colorspace = self.matrix


def is_hdr(frame: VideoFrame) -> bool:
    """Whether the frame is coded by PQ (SMPTE ST 2084) or HLG (ARIB STD-B67)."""
    return int(frame.color_trc) in (_PQ, _HLG)


def is_full_range(frame: VideoFrame) -> bool:
    """Whether luma uses 0-255 (JPEG range) rather than 16-235."""
    return int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj")


def sdr_picture(frame: VideoFrame, width: int, height: int) -> Picture:
    """An HDR frame as the sRGB picture that looks like it.

    Args:
        frame: PQ or HLG, of any pixel format; what it does not say of its colours is BT.2020.
        width: of the picture, in pixels.
        height: of the picture, in pixels.

    Returns:
        uint8 BGR, shape (height, width, 3), as stored (not yet upright).

    Source: ITU-R BT.2100 (PQ and HLG light), BT.2408 (reference white), FFmpeg's `tonemap` filter
    (Möbius), IEC 61966-2-1 (sRGB, which is what a JPEG without a profile is).
    """
    light = _light(frame, _signal(frame, width, height))
    to_bt709 = _to_bt709(int(frame.color_primaries))
    light = np.maximum(cv2.transform(light, to_bt709), 0)  # colours that BT.709 has not are clipped
    light *= _gain(light.max(axis=2))[..., None]
    codes = (np.minimum(light, 1) * (_CODES - 1) + 0.5).astype(np.uint16)
    return np.ascontiguousarray(_srgb_codes()[codes[..., ::-1]])


def _signal(frame: VideoFrame, width: int, height: int) -> Floats:
    """The resized picture as stored: R'G'B' or Y'CbCr, black 0, white 1, no colour 0."""
    is_rgb, is_full = frame.format.is_rgb, is_full_range(frame)
    resized = frame.reformat(
        width=width,
        height=height,
        format="gbrp16le" if is_rgb else "yuv444p16le",
        src_color_range=_FULL_RANGE if is_full else _LIMITED_RANGE,
        dst_color_range=_FULL_RANGE if is_full else _LIMITED_RANGE,
        interpolation="AREA" if width < frame.width else "BICUBIC",
        threads=1,
    )
    stored = [_plane(resized, index) for index in range(3)]
    if is_rgb:
        green, blue, red = stored
        return cast(Floats, cv2.merge([red, green, blue]) / np.float32(_CODES - 1))
    black, luma_steps, chroma_steps = (0, 255, 255) if is_full else (16, 219, 224)
    luma = (stored[0] - np.float32(black * 256)) / np.float32(luma_steps * 256)
    chroma = [(one - np.float32(128 * 256)) / np.float32(chroma_steps * 256) for one in stored[1:]]
    return cast(Floats, cv2.merge([luma, *chroma]))


def _plane(frame: VideoFrame, index: int) -> Floats:
    plane = frame.planes[index]
    rows = np.frombuffer(cast(Any, plane), np.dtype("<u2")).reshape(plane.height, -1)
    return rows[:, : plane.width].astype(np.float32)


def _light(frame: VideoFrame, signal: Floats) -> Floats:
    """Linear RGB on a reference display, in units of reference white."""
    if not frame.format.is_rgb:
        signal = cast(Floats, cv2.transform(signal, _to_rgb(int(frame.colorspace))))
    light = _linear(frame, signal)
    if int(frame.color_trc) == _HLG:
        scene = cv2.transform(light, np.array([[0.2627, 0.6780, 0.0593]], np.float32))
        system_gain = np.maximum(scene, 1e-6)[..., None] ** np.float32(0.2)
        return cast(Floats, light * system_gain * np.float32(PEAK_NITS / REFERENCE_WHITE_NITS))
    return light


def _linear(frame: VideoFrame, signal: npt.NDArray[Any]) -> Floats:
    """PQ: display light in units of reference white; HLG: scene light from 0 to 1."""
    table = _pq_light() if int(frame.color_trc) == _PQ else _hlg_scene_light()
    return table[(np.clip(signal, 0, 1) * np.float32(_CODES - 1) + 0.5).astype(np.uint16)]


@cache
def _to_rgb(matrix: int) -> Floats:
    red, blue = _LUMA_WEIGHTS.get(matrix, _LUMA_WEIGHTS[_BT2020_MATRIX])
    to_red, to_blue = 2 * (1 - red), 2 * (1 - blue)
    green = 1 - red - blue
    return np.array(
        [[1, 0, to_red], [1, -blue * to_blue / green, -red * to_red / green], [1, to_blue, 0]],
        np.float32,
    )


@cache
def _to_bt709(primaries: int) -> Floats:
    """Linear RGB of these primaries to that of BT.709. Source: SMPTE RP 177."""
    source = _to_xyz(_PRIMARIES.get(primaries, _PRIMARIES[_BT2020_PRIMARIES]))
    return (np.linalg.inv(_to_xyz(_BT709)) @ source).astype(np.float32)


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> npt.NDArray[np.float64]:
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in primaries]).T
    x, y = _D65
    return columns * np.linalg.solve(columns, np.array([x / y, 1, (1 - x - y) / y]))


def _gain(brightest: Floats) -> Floats:
    """What a pixel's light is multiplied by, given the brightest of its three colours."""
    peak = PEAK_NITS / REFERENCE_WHITE_NITS
    a = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    b = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    above = np.clip(brightest, KNEE, peak)
    rolled_off = (b + KNEE) ** 2 / (b - a) * (above + a) / (above + b)
    return cast(Floats, np.where(brightest > KNEE, rolled_off / np.maximum(brightest, KNEE), 1))


@cache
def _pq_light() -> Floats:
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.linspace(0, 1, _CODES) ** (1 / m2)
    nits = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return (nits / REFERENCE_WHITE_NITS).astype(np.float32)


@cache
def _hlg_scene_light() -> Floats:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = np.linspace(0, 1, _CODES)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return scene.astype(np.float32)


@cache
def _srgb_codes() -> Picture:
    light = np.linspace(0, 1, _CODES)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return cast(Picture, np.rint(coded * 255).astype(np.uint8))
