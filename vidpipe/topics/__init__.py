"""What videos are about, found anew every week.

Belongs here: spaces of looks and hashtags, clustering, names, lineage, runs, the BERTopic model of
a run; `report/` makes the page.
Does not: Dagster's week (vidpipe.assets.account_topics), views for analysts (`sql/`).
"""
