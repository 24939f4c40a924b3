"""The work of a calibration in processes: cutting pieces, editing them, comparing.

Belongs here: what one process does with one item. Does not: which items there are
(vidpipe.reuse.calibration.planning), what becomes of the rows (vidpipe.reuse.calibration.run).

A piece is at most `PIECE_S` of a content, packed anew: editing it costs the same whatever the
upload is. Its copies are compared with the whole content all the same.
"""

import hashlib
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidpipe.clean_text import display_name
from vidpipe.errors import ItemError, ItemUnavailable, UploadRejected
from vidpipe.pipeline.contract import BatchFunction, Item, Row
from vidpipe.pipeline.workers.content_decoding import ContentDecoder
from vidpipe.reuse.comparison.odds import Odds

if TYPE_CHECKING:
    from vidpipe.reuse.candidates import FootageIndex
    from vidpipe.reuse.editing.truth import Truth
    from vidpipe.reuse.footage import Footage

PIECE_S = 12.0
LATEST_START_S = 60.0
"""Pieces begin within this: whatever stands before a piece must be decoded."""
PIECE_LONG_SIDE_PX = 640
PIECE_CRF = 20.0
LEAST_USABLE = 0.7
"""Pieces of which a smaller share can be compared (black, flat) are not used."""
KEPT_FOOTAGE = 64
TEMPLATES_FILE = "templates.sqlite"


@dataclass(frozen=True)
class Piece:
    """A stretch of a content in a file of its own: `start_s` and on, of `size` pixels."""

    content: str
    path: Path
    start_s: float
    size: tuple[int, int]


@dataclass(frozen=True)
class PieceCutter:
    """Cuts items `{content, upload_id, share}`; rows `{piece, reason}`, one of them None.

    Attributes:
        decoder: reads uploads under their limits.
        folder: where pieces are written.
    """

    decoder: ContentDecoder
    folder: str

    def open(self) -> BatchFunction:
        """Loads the libraries; called once in a worker process."""
        _one_thread()
        return lambda items: [self._row(item) for item in items]

    def _row(self, item: Item) -> Row:
        try:
            return {"piece": self._piece(item), "reason": None}
        except ItemError as error:
            return {"piece": None, "reason": str(error)}

    def _piece(self, item: Item) -> Piece:
        from vidpipe.reuse.editing.copying import write_copy
        from vidpipe.reuse.editing.edit import Edit
        from vidpipe.reuse.editing.playback import Playback
        from vidpipe.reuse.editing.timetable import Clipped
        from vidpipe.uploads.opening import local_copy

        content, limits = item["content"], self.decoder.limits
        path = Path(self.folder) / f"{content}.mp4"
        name = display_name(item["upload_id"])
        with local_copy(
            self.decoder.uploads_url, item["upload_id"], max_bytes=limits.max_bytes
        ) as source:
            with Path(source).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != content:
                    raise ItemUnavailable(f"{name} was replaced since it was compared")
            with Playback(Path(source), limits) as playback:
                room_s = max(playback.duration_s - PIECE_S, 1e-6)
            start_share = item["share"] * min(1.0, LATEST_START_S / room_s)
            edit = Edit(("piece",), time=(Clipped(start_share, PIECE_S),), crf=PIECE_CRF)
            truth = write_copy(
                Path(source), path, edit, limits=limits, long_side_px=PIECE_LONG_SIDE_PX
            )
        footage = _printed(self.decoder, path, content)
        if footage.is_too_short or footage.is_static or footage.is_usable.mean() < LEAST_USABLE:
            raise UploadRejected(f"{name} has a stretch in it in which too little can be compared")
        return Piece(content, path, truth.source_start_s, (truth.width_px, truth.height_px))


@dataclass(frozen=True)
class Dresser:
    """Makes pieces wear templates: items `{piece, template}`; rows with `footage_print`, too.

    Attributes:
        decoder: makes prints.
        folder: where files are written.
    """

    decoder: ContentDecoder
    folder: str

    def open(self) -> BatchFunction:
        """Loads the libraries; called once in a worker process."""
        _one_thread()
        return lambda items: [self._row(item) for item in items]

    def _row(self, item: Item) -> Row:
        from vidpipe.reuse.editing.copying import write_copy
        from vidpipe.reuse.editing.templates import worn

        piece: Piece = item["piece"]
        path = Path(self.folder) / f"{item['template']}-{piece.content}.mp4"
        try:
            write_copy(piece.path, path, worn(item["template"]))
            kept = _summary(self.decoder, path)
        except ItemError as error:
            return {"content": piece.content, "footage_print": None, "reason": str(error)}
        return {
            "content": piece.content,
            "template": item["template"],
            "footage_print": asdict(kept.footage_print),
            "reason": None,
        }


@dataclass(frozen=True)
class StrangerComparer:
    """Compares items `{a, b, template, half}` of unrelated contents.

    Rows have `surety` (nats, of the surest stretch that passes every gate but chance; None if there
    is none) and `is_copy`: whether the two, as they are, are taken for copies.

    Attributes:
        index_folder, segments: the index of all prints.
        folder: where the prints of templates are.
        odds: the odds under which a copy is a copy.
    """

    index_folder: str
    segments: tuple[str, ...]
    folder: str
    odds: Odds

    def open(self) -> BatchFunction:
        """Opens the prints; called once in a worker process."""
        from vidpipe.reuse.candidates import FootageIndex
        from vidpipe.reuse.candidates.kept_prints import PrintReader
        from vidpipe.reuse.footage import footage_of_print

        _one_thread()
        index = FootageIndex(Path(self.index_folder), self.segments)
        templates = PrintReader(Path(self.folder) / TEMPLATES_FILE)

        @lru_cache(KEPT_FOOTAGE)
        def footage(content: str, template: str | None) -> "Footage":
            if template is None:
                return index.footage(content)
            return footage_of_print(content, templates.read(content))

        def row(item: Item) -> Row:
            a, b, template = item["a"], item["b"], item["template"]
            surety, is_copy = self._judged(footage(a, template), footage(b, template))
            if is_copy and template is not None:
                _, is_copy = self._judged(footage(a, None), footage(b, None))
            return {**item, "surety": surety, "is_copy": is_copy}

        return lambda items: [row(item) for item in items]

    def _judged(self, a: "Footage", b: "Footage") -> tuple[float | None, bool]:
        from vidpipe.reuse.comparison.gates import GATES
        from vidpipe.reuse.comparison.odds import surety
        from vidpipe.reuse.comparison.pairs import stretches

        if a.is_too_short or b.is_too_short:
            return None, False
        accepted, refused = stretches(a, b, self.odds)
        sureties = [
            surety(one.pictures, one.line.speed, one.cells)
            for one in (*accepted, *refused)
            if all(gate.lets_through(one) for gate in GATES)
        ]
        return max(sureties, default=None), bool(accepted)


@dataclass(frozen=True)
class CopyFinder:
    """Makes an edited copy and looks for its source: items `{number, name, edit, source, others}`.

    Rows have `copy`, the fields of an `EditedCopy`, or `reason`, why there is none.

    Attributes:
        decoder: makes prints.
        folder: where copies are written.
        index_folder, segments: the index of all prints.
        odds: what chance does in the corpus.
    """

    decoder: ContentDecoder
    folder: str
    index_folder: str
    segments: tuple[str, ...]
    odds: Odds

    def open(self) -> BatchFunction:
        """Opens the index; called once in a worker process."""
        from vidpipe.reuse.candidates import FootageIndex

        _one_thread()
        index = FootageIndex(Path(self.index_folder), self.segments)
        return lambda items: [self._row(index, item) for item in items]

    def _row(self, index: "FootageIndex", item: Item) -> Row:
        from vidpipe.reuse.editing.copying import write_copy

        source: Piece = item["source"]
        name = f"copy-{item['number']}"
        path = Path(self.folder) / f"{name}.mp4"
        try:
            truth = write_copy(source.path, path, item["edit"], others=item["others"])
            copy = _printed(self.decoder, path, name)
        except ItemError as error:
            return {"copy": None, "reason": f"{item['name']}: {error}"}
        finally:
            path.unlink(missing_ok=True)
        found = self._found(index, copy, source, truth)
        return {"copy": {"edit": item["name"], **found}, "reason": None}

    def _found(
        self, index: "FootageIndex", copy: "Footage", piece: Piece, truth: "Truth"
    ) -> dict[str, Any]:
        from vidpipe.reuse.calibration.judging import judged
        from vidpipe.reuse.comparison import compare
        from vidpipe.reuse.comparison.verdicts import coverage
        from vidpipe.reuse.editing.truth import verdicts_of

        source = index.footage(piece.content)
        start_s, end_s = truth.source_start_s + piece.start_s, truth.source_end_s + piece.start_s
        whole = replace(
            truth, source_start_s=start_s, source_end_s=end_s, source_duration_s=source.end_s
        )
        found = judged(copy.content, whole, compare(copy, source, self.odds))
        right = verdicts_of(
            coverage(copy, [(truth.copy_start_s, truth.copy_end_s)]),
            coverage(source, [(start_s, end_s)]),
        )
        proposed = {one.content for one in index.candidates(copy)}
        return {
            "is_found": found.is_found,
            "is_proposed": piece.content in proposed,
            "is_right": found.is_found and found.verdict in right,
            "offset_error_s": found.offset_error_s,
        }


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def _summary(decoder: ContentDecoder, path: Path) -> Any:
    """What decoding a file of our own gives."""
    own = replace(decoder, uploads_url=str(path.parent)).open()
    return own({"upload_id": path.name, "fingerprint": None})


def _printed(decoder: ContentDecoder, path: Path, content: str) -> "Footage":
    from vidpipe.reuse.footage import footage_of_print

    return footage_of_print(content, asdict(_summary(decoder, path).footage_print))
