"""Training of in-domain word vectors."""

from adapt.training.config import Word2VecConfig
from adapt.training.word2vec import train_word2vec

__all__ = ["Word2VecConfig", "train_word2vec"]
