"""The model that made an index, and the settings under which it makes vectors of questions, too.

Belongs here: reading which model is active, and finding it among the configured and the bundled
pair. Does not: loading it (vidpipe.models.clip), switching models (vidpipe.stores.model_registry).
"""

import psycopg

from vidpipe.errors import SettingsError, VidpipeError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip_weights import model_identity
from vidpipe.settings import Settings
from vidpipe.stores.database import has_schema
from vidpipe.stores.model_registry import RegisteredModel, active_model


def model_of_index(connection: psycopg.Connection) -> RegisteredModel:
    """The model that made the index.

    Raises:
        VidpipeError: nothing is indexed yet.
    """
    active = active_model(connection) if has_schema(connection) else None
    if active is None:
        raise VidpipeError("nothing is indexed yet: vidpipe run --uploads FOLDER comes first")
    return active


def settings_of_index(settings: Settings, model_id: str) -> Settings:
    """Settings with the pair that made vectors: the configured one, or the demo pair.

    Raises:
        SettingsError: they were made by another model; the message names both.
    """
    image, text = (str(folder) for folder in demo_pair())
    with_demo = settings.model_copy(update={"clip_image_model": image, "clip_text_model": text})
    if model_identity(with_demo).model_id == model_id:
        return with_demo
    configured = model_identity(settings).model_id
    if configured != model_id:
        raise SettingsError(
            f"the vectors were made by {model_id}, but VIDPIPE_CLIP_IMAGE_MODEL and "
            f"VIDPIPE_CLIP_TEXT_MODEL name {configured}; set them to the models that made them, or "
            "let vidpipe model activate show others"
        )
    return settings
