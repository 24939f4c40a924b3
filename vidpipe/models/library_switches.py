"""Switches that keep model libraries from talking: no usage reports, hub requests or log lines.

Belongs here: switches that must be set before a model library is imported.
Does not: what the models are given (vidpipe.models.clip, vidpipe.models.ocr).

onnxruntime from 1.32 on reports usage to its vendor unless told not to, and paddlex probes model
hubs and announces each model on stderr; both are unwelcome where investigators work.
"""

import logging
import os
import threading


def quiet_onnxruntime() -> None:
    """Switches usage reports off; call it before the first import of onnxruntime."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def quiet_paddle() -> None:
    """Keeps paddlex from asking hubs and from logging below warnings."""
    quiet_onnxruntime()
    os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"
    import paddlex  # noqa: F401  (its import sets its own log level)

    logging.getLogger("paddlex").setLevel(logging.WARNING)


def quiet_transformers() -> None:
    """Keeps transformers and its hub client from logging advice and progress bars."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    # Its progress bars' own lock is a semaphore of the system: a worker that is ended would leave
    # it behind, and Python would warn of that when the run ends.
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())
