"""A report as one HTML document: data, page, style, scripts and plotly.js, all of it inside.

Belongs here: putting parts together, escaping, what the browser may run. Does not: the layout of
the data (browser_data.py), the page's own looks and behaviour (page/).

Uploads choose most of the texts. Three walls stand between them and a reader's browser: the data is
JSON in which no tag can begin or end, scripts show it with `textContent` only, and the policy lets
the browser run two scripts, known by their digests, and fetch nothing.
"""

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import Any

from vidpipe.topics.report.browser_data import browser_data
from vidpipe.topics.report.contents import Report

SCRIPTS = (
    "data.js",
    "elements.js",
    "hover_card.js",
    "map.js",
    "topic_cards.js",
    "account_page.js",
    "lineage.js",
    "start.js",
)
# JSON may hold these as \u escapes; in a page they could begin a tag, an entity or a line.
ESCAPED = "<>&\u2028\u2029"


def render(report: Report) -> str:
    """One complete HTML document of a report, to be written as UTF-8.

    It asks for nothing over a network: it can be mailed, archived and opened from a disk.

    No text of the report is trusted: whatever it holds is shown as text.

    Raises:
        ValueError: a video or page names a topic that has no card, two cards or two videos have
            the same id, a number is not finite, or hours are not 7 times 24.
    """
    from plotly.offline import get_plotlyjs

    data = browser_data(report)
    plotly: str = get_plotlyjs()
    own = "(() => {\n" + "\n".join(_part(name) for name in SCRIPTS) + "})();"
    return Template(_part("page.html")).substitute(
        policy=_policy(plotly, own),
        title=html.escape(data["title"]),
        style=_part("page.css"),
        data=_json(data),
        plotly=plotly,
        script=own,
    )


def _part(name: str) -> str:
    part = files("vidpipe.topics.report") / "page" / name
    return part.read_text("utf-8")


def _json(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in ESCAPED:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _policy(*scripts: str) -> str:
    """Content-Security-Policy: these scripts, styles of the page, pictures in the page.

    `unsafe-eval`: plotly's WebGL drawing compiles functions of its own; it draws nothing without.
    No other script can call on it, as none but these two run.
    """
    digests = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {digests} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
