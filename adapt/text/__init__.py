"""Text: tokenised corpora, vocabularies, labelled documents, datasets by name, downloads."""

from adapt.text.corpus import Corpus
from adapt.text.datasets import (
    Dataset,
    DatasetInfo,
    dataset_infos,
    dataset_names,
    load_dataset,
    without_layout,
)
from adapt.text.downloads import Download, download_named, downloads, fetch
from adapt.text.labelled import LabelledTexts, check_labels
from adapt.text.tokenizers import (
    Tokenizer,
    WhitespaceTokenizer,
    WordTokenizer,
    tokenizer_named,
    without_possessive,
)
from adapt.text.typos import with_typos
from adapt.text.vocabulary import PAD, UNK, Vocabulary

__all__ = [
    "PAD",
    "UNK",
    "Corpus",
    "Dataset",
    "DatasetInfo",
    "Download",
    "LabelledTexts",
    "Tokenizer",
    "Vocabulary",
    "WhitespaceTokenizer",
    "WordTokenizer",
    "check_labels",
    "dataset_infos",
    "dataset_names",
    "download_named",
    "downloads",
    "fetch",
    "load_dataset",
    "tokenizer_named",
    "with_typos",
    "without_layout",
    "without_possessive",
]
