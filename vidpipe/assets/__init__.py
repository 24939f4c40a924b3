"""Dagster: one thin file an asset, named as the asset."""

import warnings

from dagster import BetaWarning

# `backfill_policy` is in beta and makes a backfill load each model once; `constraints.txt` pins
# the Dagster that it is tested with, so that the warning says nothing new at every start.
warnings.filterwarnings("ignore", category=BetaWarning)
