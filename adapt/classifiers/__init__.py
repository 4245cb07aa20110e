"""Classifiers on word vectors, and the baselines that they must beat."""

from adapt.classifiers.baselines import train_tfidf_svm
from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.head import LinearHead, Standardization, fit_heads
from adapt.classifiers.models import MeanPoolingClassifier
from adapt.classifiers.pooling import MaskedMean, idf_weights, pool_documents
from adapt.classifiers.training import TrainedClassifier, train_classifier, validation_folds

__all__ = [
    "LinearHead",
    "MaskedMean",
    "MeanPoolingClassifier",
    "PretrainedEmbedding",
    "Standardization",
    "TrainedClassifier",
    "TrainingConfig",
    "fit_heads",
    "idf_weights",
    "pool_documents",
    "train_classifier",
    "train_tfidf_svm",
    "validation_folds",
]
