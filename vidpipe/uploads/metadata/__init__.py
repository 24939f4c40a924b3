"""Metadata of uploads: sidecars of five programs, manifests, lists of posts, or nothing at all.

Belongs here: understanding these formats, whatever is in them; cleaning every text at the door.
Does not: finding sidecars (vidpipe.uploads.found_uploads) or fetching their bytes
(vidpipe.uploads.opening).

All of it was written by strangers. A field of the wrong type is left out and named; a file that
cannot be understood is named with what to do, and the next source is asked. No input raises
anything but `MetadataError`.

| source        | file                                | believed                                 |
|---------------|-------------------------------------|------------------------------------------|
| `native`      | `<stem>.json`                       | id, platform, account, posted_at, …      |
| `yt-dlp`      | `<stem>.info.json`                  | id, extractor_key, uploader, …           |
| `gallery-dl`  | `<file>.json`, `<stem>.json`        | category, the site's own fields          |
| `instaloader` | `<stem>.json.xz`, `<stem>.json`     | node: the post's own object              |
| `manifest`    | `manifest.ndjson`, `.csv` and alike | as native, one row per file of a folder  |
| `4cat`        | `.metadata.json`, `*.csv`           | the post of a file; the row of a post    |
| `zeeschuimer` | `*.ndjson`, `*.jsonl`               | the post that a file's name speaks of    |
| `none`        | –                                   | account = parent folder, time of the file|

A program that calls its files as another does is a `DocumentKind`, told by what is in them. What
a site itself says of a post, whichever program kept it, is read in one place (`posts`). A new
format is one module that defines a `MetadataFormat`, and its line in `formats.FORMATS`.
"""
