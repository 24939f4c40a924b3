"""Looking for the CLIP pair, without asking the hub again and again while it cannot be reached.

Belongs here: remembering what was found, and for a moment what was not.
Does not: where the models are and what they are called (vidpipe.models.clip_weights).
"""

import time
from dataclasses import dataclass, field

from vidpipe.errors import ModelUnavailable
from vidpipe.models.clip_weights import model_identity
from vidpipe.settings import Settings
from vidpipe.stores.model_identity import ModelIdentity

# A tick of a sensor asks several times, and a hub that does not answer takes seconds each time.
ASKED_AGAIN_AFTER_S = 20.0


@dataclass
class PairLookup:
    """The pair that settings ask for, looked for at the first use."""

    settings: Settings
    _found: ModelIdentity | None = field(default=None, init=False)
    _missing: str = field(default="", init=False)
    _asked_at: float = field(default=0.0, init=False)

    def identity(self) -> ModelIdentity:
        """The pair's identity.

        Raises:
            ModelUnavailable: a model can neither be found locally nor reached, or could not be a
                moment ago.
            SettingsError: the two models do not share one space.
        """
        if self._found is None:
            if self._missing and time.monotonic() - self._asked_at < ASKED_AGAIN_AFTER_S:
                raise ModelUnavailable(self._missing)
            self._asked_at = time.monotonic()
            try:
                self._found = model_identity(self.settings)
            except ModelUnavailable as error:
                self._missing = str(error)
                raise
        return self._found
