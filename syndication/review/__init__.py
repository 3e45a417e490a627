"""The editors' judgement on what came in: which moves are legal, what changed, and the acts themselves."""
