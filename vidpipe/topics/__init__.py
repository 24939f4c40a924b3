"""Topics: what videos are about, over a whole corpus and within one account, week after week."""
