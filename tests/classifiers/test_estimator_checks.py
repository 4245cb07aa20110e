"""scikit-learn's own checks of an estimator, on numbers that are written as texts.

scikit-learn checks nothing of an estimator that reads texts alone. So its tables of numbers are
written as texts here, a word for each number, and all of its checks run.
"""

import numpy as np
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from adapt.classifiers import EmbeddingTextClassifier
from adapt.vectors import WordVectors

EXPECTED_TO_FAIL = {
    "check_class_weight_classifiers": "weights of single classes are not supported, only balanced",
}
_STEP, _LAST = 0.25, 24
_N_COLUMNS = 20


def vectors_of_numbers():
    """Give a word to every column and bin of values: its vector is the value and its square."""
    bins = np.arange(-_LAST, _LAST + 1)
    polynomial = np.stack([bins * _STEP, (bins * _STEP) ** 2], axis=1)
    words = [f"{column}_{one}" for column in range(_N_COLUMNS) for one in bins]
    return WordVectors(words, np.kron(np.eye(_N_COLUMNS), polynomial))


class OnNumbers(EmbeddingTextClassifier):
    """The estimator on tables: each row is a text, each number in it a word."""

    def fit(self, X, y):
        return super().fit(self._texts(X, reset=True), y)

    def _logits(self, X):
        self._check_fitted()
        return super()._logits(self._texts(X, reset=False))

    def _texts(self, X, *, reset):
        X = validate_data(self, X, reset=reset)
        bins = np.clip(np.round(X / _STEP), -_LAST, _LAST).astype(int)
        return [" ".join(f"{at}_{one}" for at, one in enumerate(row)) for row in bins]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.two_d_array = True
        return tags


@parametrize_with_checks(
    [OnNumbers(vectors_of_numbers(), model="mean", tokenizer="whitespace")],
    expected_failed_checks=lambda estimator: EXPECTED_TO_FAIL,
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)
