"""Stills that the demo models really relate to words, indexed as one frame a post.

with index_of_stills(settings) as searcher: ...
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pgvector import HalfVector

from vidpipe.demo.gallery import draw_compositions, render_stills
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair
from vidpipe.models.clip_weights import model_identity
from vidpipe.publication.transaction import publish_rows
from vidpipe.search.searcher import Searcher, open_searcher
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows, digest

SHOWN = draw_compositions("seen", 60, seed=5)
POSTS = [
    Post(f"a:{number}", f"c{number}", ocr=("KEEPOUT",) if number == 7 else ())
    for number in range(len(SHOWN))
]


@contextmanager
def index_of_stills(settings: Settings) -> Iterator[Searcher]:
    """A searcher of the stills by the demo models.

    Args:
        settings: of an upgraded, empty database.
    """
    image, text = demo_pair()
    models = {"clip_image_model": str(image), "clip_text_model": str(text)}
    settings = settings.model_copy(update=models)
    model = model_identity(settings)
    vectors = ClipPair.from_settings(settings).images.embed(render_stills(SHOWN, seed=11))
    with connect(settings, autocommit=True) as connection:
        rows = date_rows(POSTS, model=model, frames_per_content=1)
        publish_rows(connection, rows, ingest_date=DAY, model=model)
        for post, vector in zip(POSTS, vectors, strict=True):
            for table, key, value in (
                ("frame_embeddings_m1", "keyframe_sha256", digest(post.content, 0)),
                ("content_embeddings_m1", "content_sha256", digest(post.content)),
            ):
                connection.execute(
                    f"update vidpipe.{table} set embedding = %s where {key} = %s",
                    [HalfVector(vector), value],
                )
    with open_searcher(settings) as opened:
        yield opened
