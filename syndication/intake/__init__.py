"""Our own stories, as our own newsroom gives them."""
