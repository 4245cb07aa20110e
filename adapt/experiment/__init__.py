"""Studies: configuration, running, and what a run leaves behind."""

from adapt.experiment.config import StudyConfig, config_digest, read_config
from adapt.experiment.runner import run_study

__all__ = ["StudyConfig", "config_digest", "read_config", "run_study"]
