"""What somebody asks about: a post by its id, or a file from outside.

Belongs here: telling which of the two a name means, and its footage print.
Does not: comparing it (vidpipe.reuse.explanation), copies of it (vidpipe.reuse.copies).
"""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from vidpipe.pipeline.stages import Pipeline
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.copies import content_of_video
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.outside import footage_of_file


@dataclass(frozen=True)
class Asked:
    """A post or a file.

    Attributes:
        name: the post's id of now, or the path of the file.
        content: `content_sha256` of its bytes.
        footage: its print; None for a post without one.
        path: the file from outside; None for a post.
        upload_id: the upload that the post shows; None for a file.
    """

    name: str
    content: str
    footage: Footage | None
    path: Path | None = None
    upload_id: str | None = None


def asked_for(
    pipeline: Pipeline, connection: psycopg.Connection, index: FootageIndex, name: str
) -> Asked:
    """What a name means; a file that exists comes before a post.

    Args:
        pipeline: decodes files.
        connection: to an upgraded database.
        index: prints of all contents.
        name: path of a file, or id of a post, of now or of before.

    Raises:
        UnknownName: it is neither.
        ItemError: the file is no video, hostile, over a limit, or cannot be decoded.
    """
    path = Path(name)
    if path.is_file():
        footage = footage_of_file(pipeline, path)
        return Asked(name, footage.content, footage, path=path)
    video_id, content = content_of_video(connection, name)
    row = connection.execute(
        "select upload_id from vidpipe.videos where video_id = %s", [video_id]
    ).fetchone()
    footage_known = index.footage(content) if content in index else None
    return Asked(video_id, content, footage_known, upload_id=row[0] if row else None)
