"""What the commands of `vidpipe` do, one file a command; plain but for those that run Dagster."""
