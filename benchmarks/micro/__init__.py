"""Single stages, timed by pytest-benchmark; ``python -m benchmarks --only micro`` runs them."""
