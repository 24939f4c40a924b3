"""Metadata of uploads: native and yt-dlp sidecars, manifests, or nothing at all.

Belongs here: understanding these formats, whatever is in them; cleaning every text at the door.
Does not: finding sidecars (vidpipe.uploads.found_uploads) or fetching their bytes
(vidpipe.uploads.opening).

All of it was written by strangers. A field of the wrong type is left out and named; a file that
cannot be understood is named with what to do, and the next source is asked. No input raises
anything but `MetadataError`.

| source     | file                               | believed                                   |
|------------|------------------------------------|--------------------------------------------|
| `native`   | `<stem>.json`                      | id, platform, account, posted_at, …        |
| `yt-dlp`   | `<stem>.info.json`                 | id, extractor_key, uploader, timestamp, …  |
| `manifest` | `manifest.ndjson`, `manifest.csv`  | as native, one row per file of the folder  |
| `none`     | –                                  | account = parent folder, time of the file  |

A new format is one module that defines a `MetadataFormat`, and its line in `formats.FORMATS`.
"""
