"""The benchmarks (`make bench`)."""
