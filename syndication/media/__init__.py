"""Renditions: brought home, looked over, kept by their hash, and let go."""
