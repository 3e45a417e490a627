"""Out: the one way from a Story to a Publication, and a flow's publications as a document."""
