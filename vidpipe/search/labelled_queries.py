"""Labelled queries: what is asked, and which videos are right, in a file called a query set.

Belongs here: the format, reading it with clear errors, writing it.
Does not: making queries up (vidpipe.demo.queries), answering or scoring them.

    version: 1
    queries:
      - id: text-0001-en
        kind: text                      # one of KINDS
        language: en                    # of its words; left out when it has none
        pair: text-0001                 # the same question in other languages shares it
        text: a burning tank on a street at night in the rain
        image: query_images/text_image-0003.jpg     # below the file's folder
        add: [military uniform]
        subtract: [suit and tie]
        relevant:                       # a video once a stretch in which it shows what is asked
          - {video_id: "clipnet:0a1b", start_s: 1.5, end_s: 4.0}
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from vidpipe.errors import DecodeError, SettingsError, UnknownName
from vidpipe.search.question import Question, read_picture

VERSION = 1
KINDS = ("text", "image", "text_image", "navigation", "caption", "saved")


@dataclass(frozen=True)
class RelevantStretch:
    """A part of a video that answers a query, in seconds from its start."""

    video_id: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class LabelledQuery:
    """One question with its right answers.

    Attributes:
        id: unique in its set.
        kind: one of `KINDS`; the text of a "saved" one is the name of a saved query.
        relevant: where the answers are; several stretches of a video are one right answer. None
            where nothing is right: such queries calibrate cut-offs.
        text: words to search by.
        image: path of a picture to search by, below the folder of the set's file.
        add: words whose vectors are added; they may end in a weight, as in "helmet*0.5".
        subtract: words whose vectors are taken away, likewise.
        language: ISO 639-1 of the words.
        pair: shared by the same question in several languages.
    """

    id: str
    kind: str
    relevant: tuple[RelevantStretch, ...]
    text: str | None = None
    image: str | None = None
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()
    language: str | None = None
    pair: str | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be asked.

        Raises:
            SettingsError: the kind is unknown, or there is nothing to search by.
        """
        if self.kind not in KINDS:
            raise SettingsError(
                f"query {self.id}: no kind is called {self.kind!r}; there are {', '.join(KINDS)}"
            )
        if not (self.text or self.image or self.add):
            raise SettingsError(
                f"query {self.id} has nothing to search by: give text, image or add"
            )

    def question(self, folder: Path) -> Question:
        """What is asked, with the picture read.

        Args:
            folder: folder of the query set's file.

        Raises:
            UnknownName: the picture cannot be read.
            DecodeError: it is no picture.
            SettingsError: the weight of some words is none.
        """
        try:
            picture = read_picture(folder / self.image) if self.image is not None else None
            return Question(self.text, picture, self.add, self.subtract)
        except (UnknownName, DecodeError, SettingsError) as error:
            raise type(error)(f"query {self.id}: {error}") from error

    @property
    def relevant_videos(self) -> frozenset[str]:
        """The videos that are right answers."""
        return frozenset(one.video_id for one in self.relevant)


def write_query_set(path: Path, queries: Iterable[LabelledQuery]) -> None:
    """Writes labelled queries as YAML; what a query does not have is left out."""
    import yaml

    written = []
    for query in queries:
        given = {name: value for name, value in asdict(query).items() if value not in (None, ())}
        written.append({name: _plain(value) for name, value in given.items()})
    document = {"version": VERSION, "queries": written}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(text, encoding="utf-8")


def read_query_set(path: Path) -> list[LabelledQuery]:
    """Reads labelled queries.

    Raises:
        UnknownName: the file cannot be read.
        SettingsError: it is no query set; the message names the query and the field.
    """
    import yaml

    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_loader())
    except OSError as error:
        raise UnknownName(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("queries"), list):
        raise SettingsError(f"{path} is no query set: it needs a list called queries")
    if document.get("version") != VERSION:
        raise SettingsError(f"{path} has version {document.get('version')!r}, not {VERSION}")
    queries = [_parsed(path, number, entry) for number, entry in enumerate(document["queries"])]
    known: set[str] = set()
    for query in queries:
        if query.id in known:
            raise SettingsError(f"{path}: two queries have the id {query.id!r}")
        known.add(query.id)
    return queries


def _parsed(path: Path, number: int, entry: Any) -> LabelledQuery:
    if not isinstance(entry, Mapping):
        raise SettingsError(f"{path}: query {number} is no mapping of fields")
    name = entry.get("id", f"number {number}")
    unknown = set(entry) - {field.name for field in fields(LabelledQuery)}
    if unknown:
        raise SettingsError(f"{path}: query {name} has unknown fields {sorted(map(str, unknown))}")
    try:
        lists = {key: tuple(entry[key]) for key in ("add", "subtract") if key in entry}
        relevant = tuple(RelevantStretch(**one) for one in entry.get("relevant", ()))
        return LabelledQuery(**{**entry, **lists, "relevant": relevant})
    except (TypeError, SettingsError) as error:
        raise SettingsError(f"{path}: query {name} cannot be understood: {error}") from error


def _plain(value: Any) -> Any:
    """A value as YAML has it: tuples are lists."""
    return list(value) if isinstance(value, tuple) else value


def _loader() -> Any:
    """The C loader where libyaml is there: thousands of queries take seconds without it."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
