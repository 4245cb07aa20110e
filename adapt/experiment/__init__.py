"""Studies: configuration, running, and what a run leaves behind."""

from adapt.experiment.alignment import (
    SpaceAlignment,
    align_spaces,
    check_report_folder,
    write_alignment_report,
)
from adapt.experiment.config import (
    AlignmentConfig,
    AnchorsConfig,
    StudyConfig,
    config_digest,
    read_config,
)
from adapt.experiment.reproduce import reproduce_study
from adapt.experiment.runner import run_study
from adapt.experiment.tracking import check_tracking, log_study

__all__ = [
    "AlignmentConfig",
    "AnchorsConfig",
    "SpaceAlignment",
    "StudyConfig",
    "align_spaces",
    "check_report_folder",
    "check_tracking",
    "config_digest",
    "log_study",
    "read_config",
    "reproduce_study",
    "run_study",
    "write_alignment_report",
]
