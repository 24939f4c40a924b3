"""The planned world is the one that was asked for, at every size."""

import io
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from PIL import ImageFont

from vidpipe.demo.compositions import SUBJECT_STATES, Composition
from vidpipe.demo.edits import edited
from vidpipe.demo.headlines import HEADLINES
from vidpipe.demo.plan import PlannedShot, PlannedVideo, WorldPlan
from vidpipe.demo.story import EDIT_AMOUNTS, FIRST_DATE, SPEAKER_SETTINGS, plan_world, upload_id_of
from vidpipe.demo.truth import truth_of
from vidpipe.errors import SettingsError, UnknownName
from vidpipe.uploads.metadata.formats import parse
from vidpipe.uploads.metadata.precedence import find_metadata

VIDEOS, WEEKS = 150, 10
LONG_S = 40


@pytest.fixture(scope="module", params=[7, 8])
def plan(request: pytest.FixtureRequest) -> WorldPlan:
    return plan_world(seed=request.param, videos=VIDEOS, weeks=WEEKS)


def by_role(plan: WorldPlan, role: str) -> list[PlannedVideo]:
    return [video for video in plan.videos if video.account_role == role]


def week(video: PlannedVideo) -> int:
    """1 for the first."""
    return (video.posted_at.date() - FIRST_DATE).days // 7 + 1


def share(videos: tuple[PlannedVideo, ...], has: list[bool]) -> float:
    return sum(has) / len(videos)


# -- form -----------------------------------------------------------------------------------------


def test_lengths_have_a_median_of_12_s_and_one_in_ten_over_40_s(plan: WorldPlan) -> None:
    lengths = np.array([video.duration_s for video in plan.videos])
    assert 11 <= np.median(lengths) <= 13
    assert 0.09 <= (lengths > LONG_S).mean() <= 0.11
    assert 2.5 <= lengths.min() < 5
    assert 50 < lengths.max() <= 60


def test_rates_sizes_and_captions_are_mixed(plan: WorldPlan) -> None:
    originals = tuple(video for video in plan.videos if not video.copy_of)
    assert {video.fps for video in plan.videos} == {24, 25, 30, 50, 60}
    assert 0.1 <= share(originals, [video.is_variable_rate for video in originals]) <= 0.23
    assert 0.35 <= share(originals, [bool(video.captions) for video in originals]) <= 0.45
    assert 0.4 <= share(originals, [video.size == (360, 640) for video in originals]) <= 0.5
    assert {min(video.size) for video in originals} == {360}
    assert {(640, 360), (480, 360), (360, 360)} < {video.size for video in originals}


def test_videos_have_up_to_six_shots_some_blurred_some_static_some_black_at_the_ends(
    plan: WorldPlan,
) -> None:
    assert {len(video.shots) for video in plan.videos} == {1, 2, 3, 4, 5, 6}
    shots = [shot for video in plan.videos for shot in video.shots]
    assert {bool(shot.blur) for shot in shots} == {True, False}
    assert {bool(shot.static) for shot in shots} == {True, False}
    assert {video.black_lead_in_s > 0 for video in plan.videos} == {True, False}
    assert {video.black_lead_out_s > 0 for video in plan.videos} == {True, False}
    for shot in shots:
        for part in (shot.blur, shot.static):
            assert part is None or shot.start_s <= part.start_s < part.end_s <= shot.end_s


def test_neighbouring_shots_differ_and_the_topic_has_most_of_the_time(plan: WorldPlan) -> None:
    for video in plan.videos:
        if video.copy_of:
            continue
        shown = [shot.composition for shot in video.shots]
        assert all(one != other for one, other in pairwise(shown))
        times: dict[str, float] = defaultdict(float)
        for shot in video.shots:
            length_s = shot.end_s - shot.start_s
            times[shot.composition.subject] += length_s
            times[f"{shot.composition.place}/{shot.composition.time}"] += length_s
        shown_s = video.shots[-1].end_s - video.shots[0].start_s
        assert times[video.topic_subject] >= 0.75 * shown_s - 1e-6
        assert times[video.topic_setting] >= 0.5 * shown_s - 1e-6


def test_everything_of_an_original_begins_and_ends_on_a_frame(plan: WorldPlan) -> None:
    for video in plan.videos:
        if video.copy_of:
            continue
        stretches = [*video.shots, *video.captions]
        stretches += [part for shot in video.shots for part in (shot.blur, shot.static) if part]
        for moment in [side for one in stretches for side in (one.start_s, one.end_s)]:
            assert moment * video.fps == pytest.approx(round(moment * video.fps), abs=1e-6)


def test_captions_are_english_and_malay_in_several_sizes_and_looks(plan: WorldPlan) -> None:
    captions = [caption for video in plan.videos for caption in video.captions]
    assert {caption.language for caption in captions} == {"en", "ms"}
    assert len({caption.style for caption in captions}) == 5
    assert {caption.edge for caption in captions} == {"top", "bottom"}
    sizes = [caption.size_share for caption in captions]
    assert 0.07 <= min(sizes) < 0.085
    assert 0.115 < max(sizes) <= 0.13
    for video in plan.videos:
        own = [caption for caption in video.captions if not caption.is_added]
        for one, other in pairwise(own):
            assert one.end_s <= other.start_s


def test_the_bundled_font_has_every_letter_of_the_captions() -> None:
    font = ImageFont.load_default(30)
    unknown = bytes(font.getmask("\uffff"))
    texts = [text for texts in HEADLINES.values() for text in texts]
    assert len(texts) == len(set(texts)) >= 48
    for letter in set("".join(texts)) - {" "}:
        assert bytes(font.getmask(letter)) != unknown, letter


# -- accounts -------------------------------------------------------------------------------------


def test_one_account_posts_about_one_speaker_in_nine_of_ten_videos_in_five_settings(
    plan: WorldPlan,
) -> None:
    videos = by_role(plan, "one_speaker")
    assert len({video.account for video in videos}) == 1
    assert len(videos) == 30
    about = [video for video in videos if video.topic_subject == "speaker"]
    assert len(about) == round(0.9 * len(videos))
    assert {video.topic_setting for video in about} == {"/".join(one) for one in SPEAKER_SETTINGS}


def test_the_speaker_account_peaks_in_the_third_week_and_falls_silent_in_the_ninth(
    plan: WorldPlan,
) -> None:
    weeks = Counter(week(video) for video in by_role(plan, "one_speaker"))
    assert [number for number, count in weeks.items() if count == max(weeks.values())] == [3]
    assert set(weeks) == set(range(1, 9))


def test_the_speaker_changes_clothes_with_the_first_event(plan: WorldPlan) -> None:
    event = plan.events[0]
    assert event.account == by_role(plan, "one_speaker")[0].account
    seen = set()
    for video in by_role(plan, "one_speaker"):
        is_before = video.posted_at.date() < event.date
        for shot in video.shots:
            if shot.composition.subject == video.topic_subject == "speaker":
                assert (shot.composition.state != "uniform") == is_before
                seen.add((shot.composition.state, week(video)))
    assert {("uniform", 3)} < seen
    assert {state for state, _ in seen} == {"suit", "smiling_suit", "uniform"}


def test_a_ring_of_six_on_two_platforms_reposts_within_minutes(plan: WorldPlan) -> None:
    videos = by_role(plan, "ring")
    assert len({video.account for video in videos}) == 6
    assert {video.platform for video in videos} == {"demotube", "demogram"}
    originals = {video.video_id: video for video in videos if not video.copy_of}
    copies = [video for video in plan.videos if video.copy_of]
    assert 20 <= len(copies) == len(videos) - len(originals)
    assert {copy.copy_of for copy in copies} == set(originals)
    posted = Counter((video.account, video.copy_of or video.video_id) for video in videos)
    assert set(posted.values()) == {1}
    for copy in copies:
        delay = copy.posted_at - originals[copy.copy_of or ""].posted_at
        assert timedelta(minutes=2) <= delay <= timedelta(minutes=15)


def test_every_edit_occurs_and_one_copy_is_identical(plan: WorldPlan) -> None:
    copies = [video for video in plan.videos if video.copy_of]
    kinds = Counter(edit.kind for copy in copies for edit in copy.edits)
    assert set(kinds) == {*EDIT_AMOUNTS, "identical"}
    assert kinds["identical"] == 1
    assert {len(copy.edits) for copy in copies} == {1, 2}
    assert all(len({edit.kind for edit in copy.edits}) == len(copy.edits) for copy in copies)
    assert not any(video.edits for video in plan.videos if not video.copy_of)


def test_the_truth_of_a_copy_is_that_of_its_original_after_the_edits(plan: WorldPlan) -> None:
    videos = {video.video_id: video for video in plan.videos}
    for copy in plan.videos:
        if copy.copy_of:
            expected = edited(videos[copy.copy_of], copy.edits)
            assert copy.shots == expected.shots
            assert (copy.size, copy.duration_s) == (expected.size, expected.duration_s)
            own = tuple(caption for caption in copy.captions if not caption.is_added)
            added = [caption for caption in copy.captions if caption.is_added]
            assert own == expected.captions
            assert len(added) == sum(edit.kind == "caption_overlay" for edit in copy.edits)


def test_a_few_accounts_have_fewer_than_five_videos_and_no_ordinary_one_has(
    plan: WorldPlan,
) -> None:
    small = Counter(video.account for video in by_role(plan, "small"))
    assert 3 <= len(small) <= 4
    assert max(small.values()) < 5
    ordinary = Counter(video.account for video in by_role(plan, "ordinary"))
    assert len(ordinary) >= 6
    assert min(ordinary.values()) >= 5


def test_ordinary_accounts_have_mixed_interests_and_show_every_subject_evenly(
    plan: WorldPlan,
) -> None:
    interests = defaultdict(set)
    for video in by_role(plan, "ordinary"):
        interests[video.account].add(video.topic_subject)
    assert all(2 <= len(subjects) <= 4 for subjects in interests.values())
    subjects = Counter(video.topic_subject for video in by_role(plan, "ordinary"))
    assert set(subjects) == set(SUBJECT_STATES)
    assert max(subjects.values()) <= 2 * min(subjects.values())


def test_posts_lie_in_the_weeks_and_their_ingest_date_is_the_utc_date(plan: WorldPlan) -> None:
    for video in plan.videos:
        assert FIRST_DATE <= video.ingest_date < FIRST_DATE + timedelta(weeks=WEEKS)
        assert video.ingest_date == video.posted_at.astimezone(UTC).date()
        assert video.path.startswith(f"{video.ingest_date.isoformat()}/{video.account}/")
    assert date(2025, 3, 1) < FIRST_DATE < date(2025, 6, 1)
    assert len({video.path for video in plan.videos}) == VIDEOS
    assert {account.name for account in plan.accounts} == {one.account for one in plan.videos}


def test_events_are_dated_and_belong_to_accounts(plan: WorldPlan) -> None:
    assert len(plan.events) == 3
    assert [event.date for event in plan.events] == sorted(event.date for event in plan.events)
    names = {account.name for account in plan.accounts}
    for event in plan.events:
        assert event.account in names
        assert FIRST_DATE <= event.date < FIRST_DATE + timedelta(weeks=WEEKS)
    (fire,) = [event for event in plan.events if "harbour" in event.name]
    assert any(
        video.topic_subject == "truck" and video.topic_setting.startswith("harbour/")
        for video in by_role(plan, "ring")
        if video.account == fire.account and video.posted_at.date() == fire.date
    )


# -- identity and words ---------------------------------------------------------------------------


def test_one_upload_in_25_has_no_sidecar_and_is_known_as_vidpipe_would_know_it(
    plan: WorldPlan,
) -> None:
    bare = [video for video in plan.videos if not video.has_sidecar]
    assert len(bare) == round(VIDEOS / 25)
    for video in bare:
        found = find_metadata(
            upload_id_of(video.path),
            [],
            modified_at=video.posted_at,
            parsed=partial(parse, file=io.BytesIO()),
        ).metadata
        assert (found.video_id, found.platform) == (video.video_id, video.platform)
        assert (found.account, found.posted_at) == (video.account, video.posted_at)
        assert (found.description, found.hashtags) == (video.description, video.hashtags)


def test_descriptions_are_in_several_languages_and_never_empty_with_a_sidecar(
    plan: WorldPlan,
) -> None:
    texts = [video.description for video in plan.videos if video.has_sidecar]
    assert all(texts)
    assert any("\u0900" <= letter <= "\u097f" for text in texts for letter in text)
    assert any("\u4e00" <= letter <= "\u9fff" for text in texts for letter in text)
    assert {account.language for account in plan.accounts} == {"en", "ms", "hi", "zh"}
    assert len({video.video_id for video in plan.videos}) == VIDEOS


def test_the_truth_says_what_was_planned(plan: WorldPlan) -> None:
    truth = truth_of(plan)
    assert truth["version"] == 1
    assert len(truth["videos"]) == VIDEOS
    for video, told in zip(plan.videos, truth["videos"], strict=True):
        assert told["video_id"] == video.video_id
        assert [Composition.parse(shot["composition"]) for shot in told["shots"]] == [
            shot.composition for shot in video.shots
        ]
        assert datetime.fromisoformat(told["posted_at"]) == video.posted_at
        assert told["black_lead_in_s"] == pytest.approx(video.black_lead_in_s, abs=1e-6)
        assert [edit["kind"] for edit in told["edits"]] == [edit.kind for edit in video.edits]


# -- every size -----------------------------------------------------------------------------------


def test_the_same_numbers_give_the_same_plan_and_another_seed_another() -> None:
    assert plan_world(seed=3, videos=40) == plan_world(seed=3, videos=40)
    one, other = (plan_world(seed=seed, videos=40) for seed in (3, 4))
    assert {video.video_id for video in one.videos} & {
        video.video_id for video in other.videos
    } == (set())


@pytest.mark.parametrize("videos", [*range(1, 34), 60, 400])
def test_every_number_of_videos_and_weeks_gives_exactly_that_many(videos: int) -> None:
    for weeks in (1, 3, 10):
        plan = plan_world(seed=videos, videos=videos, weeks=weeks)
        assert len({video.video_id for video in plan.videos}) == len(plan.videos) == videos
        assert all(week(video) <= weeks for video in plan.videos)
        assert all(1 <= (event.date - FIRST_DATE).days // 7 + 1 <= weeks for event in plan.events)


def test_a_single_video_is_an_ordinary_one() -> None:
    plan = plan_world(seed=0, videos=1)
    assert [video.account_role for video in plan.videos] == ["ordinary"]
    assert plan.events == ()


@pytest.mark.parametrize(
    ("numbers", "complaint"),
    [
        ({"videos": 0}, "cannot plan 0 videos: ask for at least 1"),
        ({"videos": -3}, "cannot plan -3 videos"),
        ({"weeks": 0}, "cannot plan 0 weeks"),
        ({"seed": -1}, "the seed -1 is negative"),
    ],
)
def test_numbers_out_of_range_are_refused(numbers: dict[str, int], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        plan_world(**{"seed": 0, "videos": 5, **numbers})


def test_a_shot_of_an_unknown_subject_cannot_be_planned() -> None:
    unknown = Composition("dragon", "burning", "street", "day", "clear")
    with pytest.raises(UnknownName, match=r"no subject is called 'dragon'; there are tank, "):
        PlannedShot(0.0, 1.0, unknown)
