"""Notebooks that teach the toolkit on real data, and what executes them: ``make notebooks``."""
