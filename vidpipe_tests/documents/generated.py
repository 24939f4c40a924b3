"""Documents that are written by a program: all settings and all commands.

Belongs here: their layout. Does not: what a setting or an option means (vidpipe.settings and
vidpipe.cli say so).

`python -m vidpipe_tests.documents.generated` writes them anew; a test compares.
"""

import inspect
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import get_args

import click
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from vidpipe.cli import main
from vidpipe.settings import Settings
from vidpipe_tests.documents.markdown import CHECKOUT

RENEW = "python -m vidpipe_tests.documents.generated"
NOTE = f"<!-- Written by `{RENEW}`; change what it reads, not this page. -->"

GROUPS = {
    "Where things are": (
        "home",
        "uploads_url",
        "lake_url",
        "media_url",
        "database_url",
        "server_idle_hours",
    ),
    "Uploads": ("start_date", "stable_after_s", "max_missing_share"),
    "Limits on a file": (
        "max_upload_bytes",
        "max_duration_s",
        "max_frame_pixels",
        "max_decode_s",
    ),
    "Keyframes and footage prints": (
        "keyframes_per_video",
        "keyframe_method",
        "candidates_per_second",
        "hash_samples_per_second",
    ),
    "Text in pictures": (
        "ocr_min_confidence",
        "ocr_detection_model",
        "ocr_detection_side_px",
        "ocr_recognition_model",
    ),
    "Vectors": (
        "clip_image_model",
        "clip_image_revision",
        "clip_text_model",
        "clip_text_revision",
    ),
    "Topics": ("topic_words_weight", "topic_least_videos", "topic_threshold", "topic_concepts"),
    "Search quality and alerts": ("query_set", "alert_url"),
    "Work and failures": (
        "workers",
        "worker_memory_bytes",
        "max_attempts",
        "failure_share_limit",
        "refresh",
        "fresh_within_h",
    ),
}
"""Headings of the page of settings, and the fields below each; every field is in one."""

_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def settings_page() -> str:
    """The page of all settings."""
    grouped = [name for names in GROUPS.values() for name in names]
    fields = Settings.model_fields
    if sorted(grouped) != sorted(fields):
        wrong = sorted(set(grouped) ^ set(fields))
        raise ValueError(f"every setting belongs into one group of {__name__}: {wrong}")
    lines = [
        "# Settings",
        "",
        NOTE,
        "",
        "Settings are environment variables. `HOME` stands for the folder that `VIDPIPE_HOME`",
        "names. All commands for one installation, and its Dagster processes, need the same ones.",
    ]
    for heading, names in GROUPS.items():
        lines += ["", f"## {heading}", "", "| variable | default | takes | meaning |"]
        lines += ["|---|---|---|---|"]
        lines += [_setting(name, fields[name]) for name in names]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The page of all commands, as `--help` explains them."""
    lines = [
        "# Commands",
        "",
        NOTE,
        "",
        "What `--help` says of every command. [For data engineers](data-engineers.md),",
        "[Searching](searching.md), [Topics](topics.md) and",
        "[Reused footage](reused-footage.md) show them at work.",
    ]
    for path, command in all_commands():
        if not isinstance(command, click.Group):
            lines += ["", f"## {path}", *_command(path, command)]
    return "\n".join(lines) + "\n"


def all_commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and group with what is typed for it, as in `vidpipe db url`."""
    yield from _below("vidpipe", main, None)


PAGES = {
    CHECKOUT / "docs" / "settings.md": settings_page,
    CHECKOUT / "docs" / "commands.md": commands_page,
}


def _setting(name: str, field: FieldInfo) -> str:
    cells = [f"`VIDPIPE_{name.upper()}`", _default(field), _takes(field), field.description or ""]
    return f"| {' | '.join(cells)} |"


def _default(field: FieldInfo) -> str:
    default = field.get_default()
    return "" if default is None or default is PydanticUndefined else f"`{default}`"


def _takes(field: FieldInfo) -> str:
    """What values a setting takes, in words."""
    [kind] = [one for one in get_args(field.annotation) if one is not type(None)][:1] or [
        field.annotation
    ]
    if isinstance(kind, str):  # of a Literal, all arguments are values
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    words = {int: "whole number", float: "number", date: "date", Path: "path"}.get(kind, "text")
    limits = [
        f"{sign} {getattr(limit, name)}"
        for limit in field.metadata
        for name, sign in _SIGNS.items()
        if hasattr(limit, name)
    ]
    return " ".join([words, ", ".join(limits)]).strip()


def _below(
    path: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path, parent=parent)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _below(f"{path} {name}", below, context)


def _command(path: str, command: click.Command) -> list[str]:
    context = click.Context(command)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = ["", "```text", usage, "```", "", *inspect.cleandoc(command.help or "").splitlines()]
    options = [option for option in command.params if isinstance(option, click.Option)]
    if options:
        lines += ["", "| option | meaning |", "|---|---|"]
        lines += [_option(option, context) for option in options]
    return lines


def _option(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context) or ("", "")
    names, meaning = (part.replace("|", "\\|") for part in record)
    return f"| `{names}` | {meaning} |"


if __name__ == "__main__":
    for page, write in PAGES.items():
        page.write_text(write(), encoding="utf-8")
