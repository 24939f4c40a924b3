"""The figures of a laboratory as text.

Belongs here: columns. Does not: measuring.
"""

from typing import Any


def table(figures: dict[str, Any]) -> str:
    """Edits, sets of strangers and peers, one a line."""
    lines = [
        "edit                   n recall verdict  copy IoU p10/med  source IoU p10/med  "
        "offset s med/p90  mirror  missed"
    ]
    for edit, one in figures["edits"].items():
        lines.append(
            f"{edit:20s} {one['copies']:3d}  {one['recall']:.3f}  {_number(one['verdict'])}"
            f"      {_pair(one['copy_iou'], 'p10', 'median')}         "
            f"{_pair(one['source_iou'], 'p10', 'median')}       "
            f"{_pair(one['offset_s'], 'median', 'p90')}   {_number(one['mirror'])}  "
            f"{', '.join(f'{name}={verdict}' for name, verdict in one['missed'].items())}"
        )
    for title in ("strangers", "relatives"):
        lines += ["", f"{title:24s} pairs   copies  verdicts"]
        for name, one in figures.get(title, {}).items():
            verdicts = ", ".join(f"{count} {verdict}" for verdict, count in one["verdicts"].items())
            lines.append(f"{name:20s} {one['pairs']:9d} {one['copies']:8d}  {verdicts}")
            if title == "strangers":
                lines += [f"    {verdict}: {a} {b}" for a, b, verdict in one["examples"]]
    if chance := figures.get("chance"):
        ratios = (
            f"{ratio:.2f} at an E-value of {expected:g}" for expected, ratio in chance.items()
        )
        lines += ["", f"strangers as sure as that, for each one expected: {', '.join(ratios)}"]
    for method, one in figures.get("peers", {}).items():
        recalls = ", ".join(f"{edit} {recall:.2f}" for edit, recall in one["recall"].items())
        rest = {key: value for key, value in one.items() if key != "recall"}
        lines += ["", f"{method}: {rest}", f"    {recalls}"]
    rest = {key: value for key, value in figures.items() if not isinstance(value, dict)}
    return "\n".join([*lines, "", *(f"{key}: {value}" for key, value in rest.items())])


def _pair(values: dict[str, float] | None, first: str, second: str) -> str:
    return f"{values[first]:.2f}/{values[second]:.2f}" if values else "   -/-   "


def _number(value: float | None) -> str:
    return f"{value:.3f}" if value is not None else "  -  "
