"""Classifiers on word vectors, and the baselines that they must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapt.classifiers.baselines import (
    TrainedBaseline,
    train_ngram_bag,
    train_tfidf_logistic,
    train_tfidf_svm,
)
from adapt.classifiers.batches import WordBatch, WordDocuments
from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.convolution import TextCNN
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.encoders import DocumentEncoder, SideBySide
from adapt.classifiers.ensemble import ClassifierEnsemble, member_seeds, train_ensemble
from adapt.classifiers.head import LinearHead, Standardization, Targets, fit_heads
from adapt.classifiers.hybrid import HybridEmbedding
from adapt.classifiers.models import TextClassifier, document_encoder, encoder_names, weighting_of
from adapt.classifiers.persistence import load_classifier, save_classifier
from adapt.classifiers.pooling import (
    AttentionPooling,
    HierarchicalPooling,
    MaxPooling,
    MeanPooling,
    idf_weights,
    pool_documents,
    sif_weights,
)
from adapt.classifiers.recurrent import BiLSTM
from adapt.classifiers.schedules import LearningRates, Schedule, schedule_of, strategy_names
from adapt.classifiers.search import Chosen, validation_folds
from adapt.classifiers.training import TrainedClassifier, token_weights_for, train_classifier

if TYPE_CHECKING:
    from adapt.classifiers.estimator import EmbeddingTextClassifier

__all__ = [
    "AttentionPooling",
    "BiLSTM",
    "Chosen",
    "ClassifierEnsemble",
    "DocumentEncoder",
    "EmbeddingTextClassifier",
    "HierarchicalPooling",
    "HybridEmbedding",
    "LearningRates",
    "LinearHead",
    "MaxPooling",
    "MeanPooling",
    "PretrainedEmbedding",
    "Schedule",
    "SideBySide",
    "Standardization",
    "Targets",
    "TextCNN",
    "TextClassifier",
    "TrainedBaseline",
    "TrainedClassifier",
    "TrainingConfig",
    "WordBatch",
    "WordDocuments",
    "document_encoder",
    "encoder_names",
    "fit_heads",
    "idf_weights",
    "load_classifier",
    "member_seeds",
    "pool_documents",
    "save_classifier",
    "schedule_of",
    "sif_weights",
    "strategy_names",
    "token_weights_for",
    "train_classifier",
    "train_ensemble",
    "train_ngram_bag",
    "train_tfidf_logistic",
    "train_tfidf_svm",
    "validation_folds",
    "weighting_of",
]


def __getattr__(name: str) -> Any:
    """Load the estimator when first asked for: it brings scikit-learn."""
    if name == "EmbeddingTextClassifier":
        from adapt.classifiers.estimator import EmbeddingTextClassifier

        return EmbeddingTextClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
