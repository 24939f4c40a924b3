"""Which model made a vector: the identity that keeps vector spaces apart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelIdentity:
    """One image and text model pair at one revision.

    `model_id` names both models with their revisions (or a digest of a local directory);
    vectors of different `model_id` are never compared.
    """

    model_id: str
    dimensions: int
