"""When pictures are shown although the clock of their file jumps.

Belongs here: cutting packets into stretches of a continuous clock, telling a jump of the clock from
a picture that is held, the place of each stretch in the time shown.
Does not: reading packets (vidpipe.media.timeline), decoding them (vidpipe.media.decode).

A live capture joins clocks: an advertisement runs on another one, a restarted encoder begins anew,
the 33 bits of MPEG time stamps overflow after 26.5 hours. A player shows such parts one after
another; the differences between their clocks are time that nobody sees.
"""

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from av.packet import Packet
from av.video.stream import VideoStream

from vidpipe.media.container import OpenVideo

if TYPE_CHECKING:
    VideoPacket: TypeAlias = Packet[VideoStream]
else:  # the compiled class takes no parameters
    VideoPacket = Packet

LIVE_FORMATS = frozenset({"mpegts", "mpeg", "flv"})
"""The formats of transmission, whose stamps are readings of a sender's clock. In all others a stamp
is a position on the file's own timeline: players hold the picture until then."""

SMALLEST_JUMP_S = 10.0
"""No pause up to this long is a jump: packets get lost, and FFmpeg's own `-dts_delta_threshold`
is the same. In a live format a longer one is a jump unless sound goes on meanwhile."""

LONGEST_SILENT_HOLD_S = 900.0
"""Outside live formats, a slide may stand so long without sound; the screen of a lecture does, and
a picture of a GIF may for 655 s."""

SMALLEST_STEP_BACK_S = 0.5
"""What may not go back at all is on another clock when it goes back by more than this: less is
jitter."""

SAME_JUMP_S = 1.0
"""Sound that pauses as long as the picture, to within this, went through the same jump: sound
that merely ended or fell silent does not resume with the next picture to the second."""

MOST_REORDERED = 16
"""No codec has a picture wait for more others than this, so that one that comes later than they
and is to be shown before them has gone back."""

PICTURES_READ_LATE = 2
"""A picture of MPEG-TS is complete only when the next one begins, for the container and for the
parser behind it: the sound that goes on while it is held is read before it."""

MOST_JUMPS = 8
JUMPS_PER_PACKET = 1 / 8
"""A clock that jumps or turns back more often than either tells nothing: its pictures are counted
instead, since small steps between jumps would add up to minutes that nobody sees."""

TURN_S = 1.0
"""Stamps that fall by more than this from packet to packet are in disorder, not in the order of
decoding."""

MOST_STRETCHES = 10_000
"""So many stretches are kept in memory; hostile stamps make one of every packet."""

WRAP_TICKS = 2**33
USUAL_FRAME_S = 0.04


@dataclass
class Stretch:
    """Packets of one continuous clock, in ticks of the video stream."""

    gap: int
    """From the last picture of the stretch before; negative where the clock went back."""
    heard_s: float
    """The seconds of sound that were read meanwhile."""
    low: int
    last: int
    packets: int = 0
    packet_duration: int = 0
    """Of the packet that is shown last."""


@dataclass(frozen=True)
class ShownTime:
    """Where the stretches of a file are shown."""

    start: int
    end: int
    """When the first picture begins and the last one ends, in shifted ticks."""
    shifts: tuple[int, ...]
    """The ticks to add to the stamps of each stretch; empty where the stamps tell nothing, so that
    every picture is shown equally long."""


class Stretches:
    """Cuts the video packets of a file, in the order of the file, into stretches.

    Both passes over a file cut it with one of these, so that they agree.
    """

    def __init__(self, video: OpenVideo) -> None:
        self._is_live = video.container.format.name in LIVE_FORMATS
        self._wraps = self._is_live and video.container.format.name != "flv"
        ticks = 1 / video.time_base
        self._gap = round(SMALLEST_JUMP_S * ticks)
        self._below = round((SMALLEST_JUMP_S if self._is_live else LONGEST_SILENT_HOLD_S) * ticks)
        self._back = round(SMALLEST_STEP_BACK_S * ticks)
        self._index = 0
        self._low = self._high = self._high_before = 0
        self._since = -1
        self._dts: int | None = None
        self._waiting: list[int] = []

    def stamp(self, packet: VideoPacket) -> int | None:
        """When the clock says that a packet is shown.

        FFmpeg unwraps each stamp for itself: at an overflow the times of showing and of decoding
        of one packet may lie 2**33 apart.
        """
        pts, dts = packet.pts, packet.dts
        if pts is None or dts is None:
            return dts if pts is None else pts
        if self._wraps and abs(pts - dts) > WRAP_TICKS // 2:
            return pts - round((pts - dts) / WRAP_TICKS) * WRAP_TICKS
        return pts

    def place(self, packet: VideoPacket, pts: int) -> tuple[int, int]:
        """The stretch of a packet, and the gap to the one before where it opens a new one (or 0).

        Args:
            pts: its `stamp`.
        """
        gap = 0
        if self._since < 0:
            self._begin(pts)
        elif not packet.is_keyframe and self._is_late(pts):
            self._since += 1
            self._high_before = max(self._high_before, pts)
            return self._index - 1, 0
        else:
            gap = self._gap_before(packet, pts)
            if gap:
                self._index += 1
                self._high_before = self._high
                self._begin(pts)
        self._dts = packet.dts
        self._since += 1
        self._low, self._high = min(self._low, pts), max(self._high, pts)
        insort(self._waiting, pts)
        if len(self._waiting) > MOST_REORDERED:
            del self._waiting[0]
        return self._index, gap

    def _begin(self, pts: int) -> None:
        self._low = self._high = pts
        self._since = 0
        self._waiting = []

    def _is_late(self, pts: int) -> bool:
        """Whether it belongs before the jump: a picture is coded after one that it refers to."""
        return (
            self._index > 0
            and self._since < MOST_REORDERED
            and min(abs(pts - self._low), abs(pts - self._high)) > self._gap
            and abs(pts - self._high_before) <= self._gap
        )

    def _gap_before(self, packet: VideoPacket, pts: int) -> int:
        if pts - self._high > self._gap:
            return pts - self._high
        has_gone_back = (
            pts < self._low - self._below
            # Whatever is stored before a key picture is shown before it.
            or (packet.is_keyframe and pts < self._high - self._back)
            or (len(self._waiting) == MOST_REORDERED and pts < self._waiting[0] - self._back)
            # Other formats have no decoding times of their own; FFmpeg guesses them.
            or (
                self._is_live
                and packet.dts is not None
                and self._dts is not None
                and packet.dts < self._dts - self._back
            )
        )
        return min(pts - self._high, -1) if has_gone_back else 0


class Sound:
    """What the other streams of a file say about its clock."""

    def __init__(self) -> None:
        self.gaps_s: list[float] = []
        self._last_s: dict[int, float] = {}
        self._heard_s: dict[int, float] = {}
        self._lately_s: deque[float] = deque(maxlen=PICTURES_READ_LATE + 1)

    def hear(self, stream_index: int, start_s: float, end_s: float) -> None:
        """Takes a packet of sound."""
        step_s = end_s - self._last_s.get(stream_index, start_s)
        self._last_s[stream_index] = end_s
        if 0 < step_s <= SMALLEST_JUMP_S:
            self._heard_s[stream_index] = self._heard_s.get(stream_index, 0.0) + step_s
        elif step_s > 0 and len(self.gaps_s) < MOST_STRETCHES:
            self.gaps_s.append(step_s)

    def heard_s(self) -> float:
        """The seconds that any stream went on between two of the latest pictures.

        To be called for every picture.
        """
        self._lately_s.append(max(self._heard_s.values(), default=0.0))
        self._heard_s.clear()
        return max(self._lately_s)


class ShownClock:
    """Gives the packets of a second pass the times at which they are shown."""

    def __init__(self, video: OpenVideo, shown: ShownTime) -> None:
        self._cut = Stretches(video)
        self._shifts = shown.shifts

    def correct(self, packet: VideoPacket) -> None:
        """Rewrites the stamps of the next video packet, before it is decoded."""
        if not self._shifts:
            packet.pts = packet.dts = None
            return
        pts = self._cut.stamp(packet)
        if pts is None:
            return
        index, _ = self._cut.place(packet, pts)
        # A damaged file may show other packets in the second pass.
        shift = self._shifts[min(index, len(self._shifts) - 1)]
        if packet.pts is not None:
            packet.pts = pts + shift
        if packet.dts is not None:
            packet.dts += shift


class ShownTimeBuilder:
    """Collects the stretches of a file; `finish` decides which gaps between them are jumps."""

    def __init__(self, video: OpenVideo) -> None:
        self._cut = Stretches(video)
        self.sound = Sound()
        self._base = video.time_base
        self._is_live = video.container.format.name in LIVE_FORMATS
        self._stretches: list[Stretch] = []
        self._packets = self._turns = 0
        self._pts: int | None = None
        self._is_overfull = False

    def add(self, packet: VideoPacket) -> int | None:
        """Takes the next video packet; returns its `stamp`, without which it has no stretch."""
        pts = self._cut.stamp(packet)
        if pts is not None:
            self._add(packet, pts)
        return pts

    def _add(self, packet: VideoPacket, pts: int) -> None:
        index, gap = self._cut.place(packet, pts)
        self._packets += 1
        if gap == 0 and self._pts is not None and (self._pts - pts) * self._base > TURN_S:
            self._turns += 1
        self._pts = pts
        if index >= MOST_STRETCHES:
            self._is_overfull = True
            return
        heard_s = self.sound.heard_s()
        if index == len(self._stretches):
            self._stretches.append(Stretch(gap, heard_s, pts, pts))
        stretch = self._stretches[index]
        stretch.packets += 1
        stretch.low = min(stretch.low, pts)
        if pts >= stretch.last:
            stretch.last, stretch.packet_duration = pts, packet.duration or 0

    def finish(self, rate: float | None) -> ShownTime | None:
        """Where the stretches are shown; None where the clock never jumps.

        Args:
            rate: the frame rate that the file declares.
        """
        jumps = self._jumps()
        if not any(jumps):
            return None
        start = self._stretches[0].low
        most = max(MOST_JUMPS, self._packets * JUMPS_PER_PACKET)
        if self._is_overfull or sum(jumps) + self._turns > most:
            end = start + max(1, round(self._packets * self._usual_frame(rate)))
            return ShownTime(start, end, ())
        shifts: list[int] = []
        shift, end = 0, start
        for stretch, is_jump in zip(self._stretches, jumps, strict=True):
            if is_jump:
                shift = end - stretch.low
            shifts.append(shift)
            step = self._step(stretch, rate)
            end = max(end, stretch.last + shift + step)
        longest = round(LONGEST_SILENT_HOLD_S / self._base)
        final = self._stretches[-1]
        if final.packet_duration <= longest:
            end = max(end, final.last + shift + final.packet_duration)
        return ShownTime(start, end, tuple(shifts))

    def _jumps(self) -> list[bool]:
        """Whether the clock jumped before each stretch."""
        gaps = [stretch.gap for stretch in self._stretches]
        are_slides = 2 * sum(gap > 0 for gap in gaps) > self._packets
        # A clock that goes back is not one timeline, whatever the format.
        is_live = (self._is_live and not are_slides) or any(gap < 0 for gap in gaps)
        longest_s = SMALLEST_JUMP_S if is_live else LONGEST_SILENT_HOLD_S
        sound_gaps_s = sorted(self.sound.gaps_s)

        def is_jump(stretch: Stretch) -> bool:
            gap_s = stretch.gap * self._base
            if gap_s <= 0:
                return gap_s < 0
            if stretch.heard_s >= gap_s / 2:
                return False
            alike = bisect_left(sound_gaps_s, gap_s - SAME_JUMP_S)
            if alike < len(sound_gaps_s) and sound_gaps_s[alike] <= gap_s + SAME_JUMP_S:
                return True
            return gap_s > longest_s

        return [is_jump(stretch) for stretch in self._stretches]

    def _step(self, stretch: Stretch, rate: float | None) -> int:
        """How long the last picture of a stretch is shown: as long as its others.

        Its packet may last until the stretch after it, which is the jump itself.
        """
        if stretch.last > stretch.low:
            return max(1, round((stretch.last - stretch.low) / (stretch.packets - 1)))
        return max(1, round(self._usual_frame(rate)))

    def _usual_frame(self, rate: float | None) -> float:
        """The ticks of a frame; a rate below 1 is rather an average over jumps."""
        return (1 / rate if rate and rate >= 1 else USUAL_FRAME_S) / self._base
