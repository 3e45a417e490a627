"""In: one visit to a partner's feed, what the machine makes of each entry, and when to come again."""
