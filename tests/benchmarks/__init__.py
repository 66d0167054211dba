"""Measurements, each beside a named peer in the same run: `python -m tests.benchmarks NAME` prints one JSON object."""
