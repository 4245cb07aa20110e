"""Training of in-domain word vectors."""

from adapt.training.compass import Compass
from adapt.training.config import Word2VecConfig
from adapt.training.partitioned import Partitions, train_partitioned
from adapt.training.word2vec import TrainingTimes, train_word2vec, train_word2vec_timed

__all__ = [
    "Compass",
    "Partitions",
    "TrainingTimes",
    "Word2VecConfig",
    "train_partitioned",
    "train_word2vec",
    "train_word2vec_timed",
]
