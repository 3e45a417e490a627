"""The only rooms that reach the network."""
