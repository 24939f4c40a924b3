"""Which model made a vector: the identity that keeps vector spaces apart.

Belongs here: the value that models, the lake and PostgreSQL agree on.
Does not: naming a pair of model folders (vidpipe.models.clip_weights), or which models the database
holds (vidpipe.stores.model_registry).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelIdentity:
    """One image and text model pair at one revision.

    `model_id` names both models with their revisions (or a digest of a local directory);
    vectors of different `model_id` are never compared.
    """

    model_id: str
    dimensions: int
