"""`vidpipe doctor`: whether this host can run vidpipe, and what is missing.

Belongs here: what is printed. Does not: the checks (vidpipe.doctor).
"""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from vidpipe.cli.options import json_option
from vidpipe.cli.output import print_json, print_line

MARKS = {"ok": "ok", "warning": "warning", "error": "ERROR"}


# Without `with_environment`: that writes to VIDPIPE_HOME, and this command changes nothing.
@click.command()
@click.option("--uploads", metavar="URL", help="As for vidpipe up [VIDPIPE_UPLOADS_URL].")
@click.option("--demo-models", is_flag=True, help="As for vidpipe up.")
@click.option("--port", default=3000, show_default=True, help="Port that the Dagster UI will use.")
@json_option
def doctor(uploads: str | None, demo_models: bool, port: int, as_json: bool) -> None:
    """Say whether this host can run vidpipe, and everything that is missing, with its remedy.

    It changes nothing: no folder, server or table is made. Where a lake or media are in a bucket,
    an object is written and removed again. The exit code is 1 when something needed is missing.
    """
    from vidpipe.doctor.examination import all_checks, examine
    from vidpipe.doctor.findings import can_run
    from vidpipe.models.bundled_pair import demo_pair
    from vidpipe.settings import load_settings

    given: dict[str, object] = {}
    if uploads is not None:
        given["uploads_url"] = uploads if "://" in uploads else str(Path(uploads).expanduser())
    if demo_models:
        image, text = demo_pair()
        given.update(clip_image_model=str(image), clip_text_model=str(text))
    findings = examine(all_checks(load_settings(**given), port))
    if as_json:
        print_json({"can_run": can_run(findings), "findings": [asdict(one) for one in findings]})
    else:
        for one in findings:
            print_line(f"{MARKS[one.level]:<8} {one.check}: {one.what}")
            if one.remedy:
                print_line(f"{'':<8}   {one.remedy}")
        print_line(_summary([one.level for one in findings]))
    sys.exit(0 if can_run(findings) else 1)


def _summary(levels: list[str]) -> str:
    errors, warnings = levels.count("error"), levels.count("warning")
    verdict = "this host cannot run vidpipe yet" if errors else "this host can run vidpipe"
    return f"{verdict}: {errors} errors, {warnings} warnings, {levels.count('ok')} in order"
