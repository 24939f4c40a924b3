"""The words that `search_words` looks in, one row per post.

Belongs here: bringing them up to date after a date's rows changed.
Does not: cutting a post's texts into words (`sql/functions/word_*.sql`).
"""

import psycopg

from vidpipe.publication.counts import TableCounts


def refresh_words(connection: psycopg.Connection) -> TableCounts:
    """Brings the searched words of every post up to date whose text, frames or lines changed."""
    connection.execute(
        "insert into changed_videos select v.video_id from vidpipe.videos as v"
        " where v.content_sha256 in (select content_sha256 from changed_keyframes)"
        " or v.content_sha256 in (select k.content_sha256 from vidpipe.keyframes as k"
        " inner join changed_ocr_lines as c using (keyframe_sha256))"
    )
    connection.execute(
        "create temp table new_words on commit drop as select w.* from vidpipe.words_of_posts("
        "array(select distinct video_id from changed_videos where video_id is not null)) as w"
    )
    deleted = connection.execute(
        "delete from vidpipe.video_words as w using changed_videos as c where w.video_id ="
        " c.video_id and not exists (select from new_words as n where n.video_id = w.video_id)"
    ).rowcount
    updated = connection.execute(
        "update vidpipe.video_words as w set words = n.words, cut_by = vidpipe.word_rules()"
        " from new_words as n where w.video_id = n.video_id"
        " and (w.words is distinct from n.words or w.cut_by <> vidpipe.word_rules())"
    ).rowcount
    inserted = connection.execute(
        "insert into vidpipe.video_words (video_id, words, cut_by)"
        " select n.video_id, n.words, vidpipe.word_rules() from new_words as n where not exists"
        " (select from vidpipe.video_words as w where w.video_id = n.video_id)"
    ).rowcount
    return TableCounts(inserted, updated, deleted)
