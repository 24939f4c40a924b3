"""The media store: keyframe JPEGs in a folder or a bucket.

Belongs here: naming, writing and reading of keyframe images.
Does not: making them (vidpipe.media.keyframes) or knowing which exist (the lake does).
"""

from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from vidpipe.errors import StoreError


def open_store(url: str) -> ObjectStore:
    """Object store of a folder or of an `s3://bucket/prefix` URL.

    Credentials and endpoint of a bucket come from the usual `AWS_*` environment variables.

    Raises:
        StoreError: the URL is of an unknown kind or the folder cannot be made.
    """
    try:
        if "://" in url:
            return from_url(url)
        Path(url).mkdir(parents=True, exist_ok=True)
        return obstore.store.LocalStore(url)
    except (BaseError, OSError, ValueError) as error:
        raise StoreError(f"{url} cannot be opened as a folder or bucket: {error}") from error


def keyframe_name(content_sha256: str, keyframe_sha256: str) -> str:
    """Name of a keyframe image: two characters to spread folders, the content, the frame."""
    return f"{content_sha256[:2]}/{content_sha256}/{keyframe_sha256}.jpg"


class MediaStore:
    """Images by name; a name is visible only when its bytes are complete.

    Local writes go to a temporary name and are renamed; a bucket's put is atomic by itself.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._store = open_store(self.url)

    def put(self, name: str, data: bytes) -> str:
        """Writes an image and returns its URI.

        Raises:
            StoreError: the bytes could not be written.
        """
        try:
            obstore.put(self._store, name, data)
        except (BaseError, OSError) as error:
            raise StoreError(f"{self.uri(name)} cannot be written: {error}") from error
        return self.uri(name)

    def get(self, name: str) -> bytes:
        """Bytes of an image, by name or by the URI that `put` returned.

        Raises:
            StoreError: there is no such image or it cannot be read.
        """
        try:
            return bytes(obstore.get(self._store, self._relative(name)).bytes())
        except (BaseError, OSError, ValueError) as error:  # ValueError: the name is no path
            raise StoreError(f"{self.uri(self._relative(name))} cannot be read: {error}") from error

    def delete(self, names: list[str]) -> None:
        """Removes images by name or URI; those already gone are no error."""
        for name in names:
            try:
                obstore.delete(self._store, self._relative(name))
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise StoreError(f"{name} cannot be removed: {error}") from error

    def delete_folder(self, name: str) -> None:
        """Removes everything below a name; nothing there is no error."""
        try:
            files = [file["path"] for part in obstore.list(self._store, name) for file in part]
        except (BaseError, OSError) as error:
            raise StoreError(f"{self.uri(name)} cannot be listed: {error}") from error
        self.delete(files)

    def uri(self, name: str) -> str:
        """URI of a name."""
        return f"{self.url}/{name}"

    def _relative(self, name: str) -> str:
        return name.removeprefix(f"{self.url}/")
