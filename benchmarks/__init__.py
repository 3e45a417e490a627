"""Measurements, one command each; how they are run is in docs/benchmarks.md."""
