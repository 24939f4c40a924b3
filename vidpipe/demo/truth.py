"""`truth.json`: what is true of a demo world, for judging what was found in it.

Belongs here: the document. Does not: planning what it says (vidpipe.demo.story).

    version 1
    seed, weeks, first_date
    accounts   name, platform, role (one_speaker, ring, ordinary, small), language
    events     date, name, account, change
    videos     in order of ingest date and path:
      video_id, platform ("local" without a sidecar), account, account_role
      upload_id, path (percent-encoded and as it is; below `uploads`), ingest_date, posted_at
      width_px, height_px, fps, is_variable_rate, duration_s, black_lead_in_s, black_lead_out_s
      shots      start_s, end_s, composition ("subject/state/place/time/weather"),
                 blur, static: {start_s, end_s} or null
      captions   start_s, end_s, text, language, style, size_share, edge, is_added, is_whole
      description, hashtags, has_sidecar, topic_subject, topic_setting ("place/time")
      copy_of    video_id of the original, or null;  edits: kind, amount

Times are seconds from the start of the video. Stretches hold their start and not their end; in a
copy that was sped up or has a variable rate they are seen on the next frame. What the fields mean
is said in vidpipe.demo.plan.
"""

from dataclasses import asdict
from typing import Any

from vidpipe.demo.plan import PlannedShot, PlannedVideo, WorldPlan
from vidpipe.demo.story import upload_id_of

VERSION = 1
DIGITS = 6


def truth_of(plan: WorldPlan) -> dict[str, Any]:
    """Makes the document, ready for JSON."""
    document = {
        "version": VERSION,
        "seed": plan.seed,
        "weeks": plan.weeks,
        "first_date": plan.first_date.isoformat(),
        "accounts": [asdict(account) for account in plan.accounts],
        "events": [{**asdict(event), "date": event.date.isoformat()} for event in plan.events],
        "videos": [_video(video) for video in plan.videos],
    }
    rounded: dict[str, Any] = _rounded(document)
    return rounded


def _video(video: PlannedVideo) -> dict[str, Any]:
    return {
        "video_id": video.video_id,
        "platform": video.platform,
        "account": video.account,
        "account_role": video.account_role,
        "upload_id": upload_id_of(video.path),
        "path": video.path,
        "ingest_date": video.ingest_date.isoformat(),
        "posted_at": f"{video.posted_at:%Y-%m-%dT%H:%M:%SZ}",
        "width_px": video.size[0],
        "height_px": video.size[1],
        "fps": video.fps,
        "is_variable_rate": video.is_variable_rate,
        "duration_s": video.duration_s,
        "black_lead_in_s": video.black_lead_in_s,
        "black_lead_out_s": video.black_lead_out_s,
        "shots": [_shot(shot) for shot in video.shots],
        "captions": [asdict(caption) for caption in video.captions],
        "description": video.description,
        "hashtags": list(video.hashtags),
        "has_sidecar": video.has_sidecar,
        "topic_subject": video.topic_subject,
        "topic_setting": video.topic_setting,
        "copy_of": video.copy_of,
        "edits": [asdict(edit) for edit in video.edits],
    }


def _shot(shot: PlannedShot) -> dict[str, Any]:
    return {**asdict(shot), "composition": str(shot.composition)}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
