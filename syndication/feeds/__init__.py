"""Bytes and values: what partners send, read; what we publish, written. No network, no database."""
