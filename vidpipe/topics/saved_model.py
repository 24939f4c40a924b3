"""BERTopic models in the media store, one folder a run, for `BERTopic.load` in a notebook.

Belongs here: what is saved with a run's model, where, and erasing it.
Does not: fitting the model (model.py).

The files are safetensors and JSON, without pickled code. They hold the words of all posts, but no
post: BERTopic leaves representative documents out.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.clustering import OUTLIER
from vidpipe.topics.fit import Found
from vidpipe.topics.model import numbers_of
from vidpipe.topics.naming import label_of
from vidpipe.topics.provisional import unpack

IN_NO_TOPIC = "in no topic"


def save_model(
    connection: psycopg.Connection, media: MediaStore, found: Found, run_no: int
) -> str | None:
    """Writes the BERTopic model of a run to the media store.

    BERTopic numbers topics from 0; its custom labels are `ID: LABEL` by `vidpipe.topics`.

    Args:
        connection: autocommit.
        media: the store into which the model goes.
        found: what the run found.
        run_no: number of the run, which is stored already.

    Returns:
        URI of the folder; None where there is no model because the corpus is empty.

    Raises:
        StoreError: it cannot be written.
    """
    packed = connection.execute(
        "select fitted from vidpipe_ops.topic_spaces where run_no = %s", [run_no]
    ).fetchone()
    if found.model is None or packed is None:
        return None
    _, topic_ids = unpack(packed[0])
    labels = {OUTLIER: IN_NO_TOPIC}
    for group, number in numbers_of(found.model).items():
        topic_id = int(topic_ids[group])
        topic = found.global_topics[group]
        labels[number] = f"{topic_id}: {label_of(topic.words, topic_id, topic.seen)}"
    found.model.set_topic_labels(labels)
    folder = model_folder(run_no)
    media.delete_folder(folder)
    with TemporaryDirectory() as scratch:
        found.model.save(scratch, serialization="safetensors", save_ctfidf=True)
        for file in sorted(Path(scratch).iterdir()):
            media.put(f"{folder}/{file.name}", file.read_bytes())
    return media.uri(folder)


def model_folder(run_no: int) -> str:
    """Name of the folder of a run's model in the media store."""
    return f"topics/run-{run_no}"
