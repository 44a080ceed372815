"""What is fast, each measured against its peer in one run: ``python -m benchmarks``."""
