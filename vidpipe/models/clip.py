"""Images and texts as vectors of one space, by a CLIP pair of sentence-transformers.

Belongs here: loading the two models, preparing images and texts for them, unit vectors.
Does not: finding the models (vidpipe.models.clip_weights), rows and items
(vidpipe.pipeline.workers.clip_embeddings), opening pictures (vidpipe.models.pictures), searching
(vidpipe.search).

Importing this module loads nothing heavy; the first image or text does.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from vidpipe.errors import ItemError, ModelUnavailable
from vidpipe.models.clip_weights import (
    ModelFolder,
    image_model_folder,
    pair_identity,
    text_model_folder,
)
from vidpipe.models.library_switches import quiet_transformers
from vidpipe.models.pictures import open_picture
from vidpipe.settings import Settings

IMAGES_PER_FORWARD = 32
TEXTS_PER_FORWARD = 32
MAX_CHUNKS = 64  # of one text: about 8,000 tokens; what follows adds nothing to its mean
SPARE_TOKENS = 2  # a chunk cut out of its text may need a token more than it had inside it

Vectors = np.ndarray[Any, np.dtype[np.float32]]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


class ClipPair:
    """Both models of a pair, each loaded when it is first needed."""

    def __init__(self, image: ModelFolder, text: ModelFolder, *, threads: int = 1) -> None:
        """Checks that the two models share one space; loads nothing.

        Raises:
            SettingsError: their vectors have different lengths.
        """
        self.identity = pair_identity(image, text)
        self._folders = (image, text)
        self._threads = threads

    @classmethod
    def from_settings(cls, settings: Settings, *, threads: int = 1) -> "ClipPair":
        """The pair that settings ask for.

        Raises:
            ModelUnavailable: a model is neither here nor within reach.
            SettingsError: the two models do not share one space.
        """
        return cls(image_model_folder(settings), text_model_folder(settings), threads=threads)

    @cached_property
    def images(self) -> "ImageModel":
        """The image model."""
        return ImageModel(self._folders[0], threads=self._threads)

    @cached_property
    def texts(self) -> "TextModel":
        """The text model."""
        return TextModel(self._folders[1], threads=self._threads)

    def load(self) -> None:
        """Loads both models now."""
        self.images, self.texts  # noqa: B018


@dataclass(frozen=True)
class Preparation:
    """What the model's image processor does to an image: resize, centre crop, normalise.

    Attributes:
        shortest_edge_px: shorter side after resizing.
        crop_height_px: rows kept around the centre.
        crop_width_px: columns kept around the centre.
        mean: per colour (RGB, 0 to 1), subtracted.
        deviation: per colour, divided by.
    """

    shortest_edge_px: int
    crop_height_px: int
    crop_width_px: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]

    @classmethod
    def from_processor(cls, processor: Any) -> "Preparation":
        """Reads the parameters of a CLIP image processor of transformers.

        Raises:
            ModelUnavailable: the processor does something else than CLIP's.
        """
        try:
            bicubic = int(processor.resample) == 3
            steps = ("do_resize", "do_center_crop", "do_rescale", "do_normalize")
            if not bicubic or not all(getattr(processor, step) for step in steps):
                raise ModelUnavailable(
                    "the image model does not prepare images as CLIP does (bicubic resize, centre "
                    "crop, normalise); set VIDPIPE_CLIP_IMAGE_MODEL to a CLIP model"
                )
            return cls(
                shortest_edge_px=int(processor.size["shortest_edge"]),
                crop_height_px=int(processor.crop_size["height"]),
                crop_width_px=int(processor.crop_size["width"]),
                mean=tuple(processor.image_mean),
                deviation=tuple(processor.image_std),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ModelUnavailable(
                f"the image processor of VIDPIPE_CLIP_IMAGE_MODEL is not CLIP's: {error!r}"
            ) from error

    def pixels(self, encoded: bytes) -> Pixels:
        """The pixels that the model sees: uint8 RGB, (crop_height_px, crop_width_px, 3).

        The picture is opened as a viewer shows it. From there on this equals the reference
        processor but for two shortcuts, which keep the vectors within cosine 0.999 of it: a JPEG
        far larger than needed is decoded at a half, quarter or eighth of its size, and only the
        part that the crop keeps is resized.

        Raises:
            DecodeError: the bytes are no image.
        """
        from PIL import Image

        # Twice the final size leaves the bicubic filter the frequencies that it weighs.
        rgb, width, height = open_picture(encoded, 2 * self.shortest_edge_px)
        shorter = min(width, height)
        resized_width = int(self.shortest_edge_px * width / shorter)
        resized_height = int(self.shortest_edge_px * height / shorter)
        across, down = rgb.width / resized_width, rgb.height / resized_height
        left = (resized_width - self.crop_width_px) // 2
        top = (resized_height - self.crop_height_px) // 2
        if left < 0 or top < 0:  # the crop is larger than the image: black around it, as CLIP's
            whole = rgb.resize((resized_width, resized_height), Image.Resampling.BICUBIC)
            box = (left, top, left + self.crop_width_px, top + self.crop_height_px)
            return np.asarray(whole.crop(box))
        box_in_source = (
            left * across,
            top * down,
            (left + self.crop_width_px) * across,
            (top + self.crop_height_px) * down,
        )
        size = (self.crop_width_px, self.crop_height_px)
        return np.asarray(rgb.resize(size, Image.Resampling.BICUBIC, box=box_in_source))


class ImageModel:
    """The image half of a pair. One forward pass at a time."""

    def __init__(self, folder: ModelFolder, *, threads: int = 1) -> None:
        """Loads the vision tower; the text tower of a CLIP model is let go.

        Raises:
            ModelUnavailable: the folder cannot be loaded.
        """
        self._model = _load(folder, threads)
        first = self._model[0]
        self.preparation = Preparation.from_processor(
            getattr(first.processor, "image_processor", first.processor)
        )
        if getattr(first.model, "text_model", None) is not None:
            first.model.text_model = None
        self._threads = threads
        self.dimensions = folder.dimensions

    def embed(self, images: Sequence[bytes]) -> Vectors:
        """Unit vectors of encoded images.

        Returns:
            float32, shape (len(images), dimensions).

        Raises:
            DecodeError: one of the byte strings is no image.
        """
        found = self.embed_each([partial(bytes, image) for image in images])
        vectors = np.zeros((len(images), self.dimensions), np.float32)
        for index, vector in enumerate(found):
            if isinstance(vector, ItemError):
                raise vector
            vectors[index] = vector
        return vectors

    def embed_each(self, sources: Sequence[Callable[[], bytes]]) -> list[Vectors | ItemError]:
        """Unit vector of each image, or why it has none; one bad image stops no other.

        Args:
            sources: called in threads, each for the bytes of one image; while a batch is in the
                model, the next is fetched and decoded.
        """
        results: list[Vectors | ItemError] = []
        with ThreadPoolExecutor(self._threads) as pool:
            futures = [
                pool.submit(self._prepare, source) for source in sources[:IMAGES_PER_FORWARD]
            ]
            for start in range(0, len(sources), IMAGES_PER_FORWARD):
                prepared = [future.result() for future in futures]
                following = start + IMAGES_PER_FORWARD
                futures = [
                    pool.submit(self._prepare, source)
                    for source in sources[following : following + IMAGES_PER_FORWARD]
                ]
                results += self._forward(prepared)
        return results

    def _prepare(self, source: Callable[[], bytes]) -> Pixels | ItemError:
        try:
            return self.preparation.pixels(source())
        except ItemError as error:
            return error

    def _forward(self, prepared: list[Pixels | ItemError]) -> list[Vectors | ItemError]:
        import torch

        pixels = [image for image in prepared if not isinstance(image, ItemError)]
        vectors = iter(())
        if pixels:
            with torch.inference_mode():
                batch = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float()
                mean = torch.tensor(self.preparation.mean).view(1, 3, 1, 1) * 255
                deviation = torch.tensor(self.preparation.deviation).view(1, 3, 1, 1) * 255
                features = {"pixel_values": batch.sub_(mean).div_(deviation), "modality": "image"}
                output = self._model(features)["sentence_embedding"].float().numpy()
            vectors = iter(unit(output))
        return [image if isinstance(image, ItemError) else next(vectors) for image in prepared]


class TextModel:
    """The text half of a pair."""

    def __init__(self, folder: ModelFolder, *, threads: int = 1) -> None:
        """Loads the model.

        Raises:
            ModelUnavailable: the folder cannot be loaded.
        """
        self._model = _load(folder, threads)
        self.dimensions = folder.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of texts.

        A text longer than the model reads is cut at words into chunks that it does read; its vector
        is the mean of theirs, weighted by their tokens.

        Returns:
            float32, shape (len(texts), dimensions).
        """
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        chunks: list[str] = []
        owners: list[int] = []
        weights: list[int] = []
        for index, text in enumerate(texts):
            for chunk, tokens in self._chunks(text):
                chunks.append(chunk)
                owners.append(index)
                weights.append(tokens)
        # {"text": …}: a bare string that looks like a URL or path would be fetched as an image.
        vectors = self._model.encode(
            [{"text": chunk} for chunk in chunks],
            batch_size=TEXTS_PER_FORWARD,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        means = np.zeros((len(texts), self.dimensions), np.float32)
        np.add.at(means, owners, unit(vectors) * np.array(weights, np.float32)[:, None])
        return unit(means)

    def _chunks(self, text: str) -> list[tuple[str, int]]:
        """The text in pieces that the model reads whole, with their numbers of tokens."""
        tokenizer = self._model.tokenizer
        longest = int(self._model.max_seq_length or 512)
        room = longest - tokenizer.num_special_tokens_to_add()
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        spans, words = encoded["offset_mapping"], encoded.word_ids()
        if len(spans) <= room:
            return [(text, max(1, len(spans)))]
        room -= SPARE_TOKENS
        chunks: list[tuple[str, int]] = []
        start = 0
        while start < len(spans) and len(chunks) < MAX_CHUNKS:
            end = min(start + room, len(spans))
            cut = end
            while cut < len(spans) and cut > start and words[cut] == words[cut - 1]:
                cut -= 1
            end = cut if cut > start else end  # a single word longer than a chunk is cut anywhere
            chunks.append((text[spans[start][0] : spans[end - 1][1]], end - start))
            start = end
        return chunks


def unit(vectors: np.ndarray[Any, np.dtype[np.floating[Any]]]) -> Vectors:
    """Rows scaled to length 1: float32, same shape; rows of zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def _load(folder: ModelFolder, threads: int) -> Any:
    """A sentence-transformers model from a local folder; asks no network."""
    quiet_transformers()
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(threads)
    try:
        model = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, ImportError) as error:
        raise ModelUnavailable(f"{folder.path} cannot be loaded: {error}") from error
    return model.eval()
