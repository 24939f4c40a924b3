"""What each column of the lake's tables holds, with its unit, as Dagster's pages show it.

Belongs here: the words. Does not: tables and types (vidpipe.stores.lake).
"""

MEANINGS = {
    "upload_id": "Percent-encoded path of the upload under the uploads URL.",
    "fingerprint": "Size and time (or etag) of the file and its sidecar.",
    "uri": "Where the upload is. Untrusted text.",
    "first_seen_at": "When the upload was first listed.",
    "content_sha256": "sha256 of the file's bytes: identity of a content.",
    "size_bytes": "Size of the file (bytes).",
    "probe": "What the container says: codec, duration (s), frames per second, upright size (px).",
    "metadata": "What the sidecar says of the post. Untrusted text.",
    "post": "What else the sidecar says: the clip's place in its post, its account, its sound, how "
    "it was received. Null in rows of vidpipe before it read that. Untrusted text.",
    "metadata_source": "The program that wrote the sidecar, manifest, or none.",
    "metadata_error": "Why a sidecar could not be understood; null when it could.",
    "frames": "The keyframes in order of time, with their scores.",
    "hash_track": "Perceptual hashes of frames sampled along the content, as an earlier vidpipe "
    "kept them; null since footage prints are made.",
    "footage_print": "What is kept of the content so that its footage is found again: hashes of "
    "several views along the video, thumbnails, keypoints of keyframes.",
    "has_footage_print": "True where a footage print was made in the same pass; null in rows of "
    "vidpipe before it made those, which hold a hash track.",
    "decoded_frames": "Frames that were decoded.",
    "decode_seconds": "Seconds that decoding and choosing took.",
    "keyframe_sha256": "sha256 of the keyframe's JPEG bytes.",
    "lines": "Lines of text with confidence, box (px) and whether they are accepted. Untrusted.",
    "kind": "image or text.",
    "input_sha256": "sha256 of the embedded JPEG or of the UTF-8 text.",
    "vector": "The embedding, of unit length.",
    "status": "ok, ok_damaged (kept, with a reason) or failed.",
    "error_class": "Kind of error of a failed row.",
    "error_message": "What was wrong, with which file, and what to do. Quotes untrusted names.",
    "limits_digest": "Digest of the limits in force; a failure counts under these only.",
    "stage_version": "Digest of everything that the result depends on besides its key.",
    "ingest_date": "UTC date on which the key was first ingested; the partition column.",
    "committed_at": "When the row was published.",
}
