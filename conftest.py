"""What tests and doctests share."""

import os
from importlib.util import find_spec

# Keras reads this when it is imported, and would look for TensorFlow
os.environ.setdefault("KERAS_BACKEND", "torch")

collect_ignore = [] if find_spec("keras") else ["adapt/classifiers/keras.py"]
