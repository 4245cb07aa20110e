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
    ClassifierConfig,
    DataConfig,
    OovConfig,
    StudyConfig,
    config_digest,
)
from adapt.experiment.config_file import read_config, read_study
from adapt.experiment.plan import Plan, PlannedStudy, plan_studies
from adapt.experiment.predictions import Predictions, read_predictions
from adapt.experiment.reproduce import reproduce_study
from adapt.experiment.runner import run_study
from adapt.experiment.study_grid import run_study_grid
from adapt.experiment.tracking import check_tracking, log_study
from adapt.experiment.variants import StudyGrid, Variant

__all__ = [
    "AlignmentConfig",
    "AnchorsConfig",
    "ClassifierConfig",
    "DataConfig",
    "OovConfig",
    "Plan",
    "PlannedStudy",
    "Predictions",
    "SpaceAlignment",
    "StudyConfig",
    "StudyGrid",
    "Variant",
    "align_spaces",
    "check_report_folder",
    "check_tracking",
    "config_digest",
    "log_study",
    "plan_studies",
    "read_config",
    "read_predictions",
    "read_study",
    "reproduce_study",
    "run_study",
    "run_study_grid",
    "write_alignment_report",
]
