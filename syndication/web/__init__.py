"""What people and partners see: the desk's pages, and the door through which partners read their feeds."""
