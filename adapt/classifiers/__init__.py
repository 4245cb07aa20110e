"""Classifiers on word vectors, and the baselines that they must beat."""

from adapt.classifiers.baselines import (
    TrainedBaseline,
    train_ngram_bag,
    train_tfidf_logistic,
    train_tfidf_svm,
)
from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.head import LinearHead, Standardization, fit_heads
from adapt.classifiers.hybrid import HybridEmbedding, SpelledBatch
from adapt.classifiers.hybrid_training import TrainedHybrid, train_hybrid_classifier
from adapt.classifiers.models import MeanPoolingClassifier
from adapt.classifiers.pooling import MaskedMean, idf_weights, pool_documents
from adapt.classifiers.training import TrainedClassifier, train_classifier, validation_folds

__all__ = [
    "HybridEmbedding",
    "LinearHead",
    "MaskedMean",
    "MeanPoolingClassifier",
    "PretrainedEmbedding",
    "SpelledBatch",
    "Standardization",
    "TrainedBaseline",
    "TrainedClassifier",
    "TrainedHybrid",
    "TrainingConfig",
    "fit_heads",
    "idf_weights",
    "pool_documents",
    "train_classifier",
    "train_hybrid_classifier",
    "train_ngram_bag",
    "train_tfidf_logistic",
    "train_tfidf_svm",
    "validation_folds",
]
