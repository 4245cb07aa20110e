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
    FALLBACK_STEPS,
    Tokenizer,
    WhitespaceTokenizer,
    WordTokenizer,
    fallback_forms,
    tokenizer_named,
)
from adapt.text.typos import with_typos
from adapt.text.vocabulary import PAD, UNK, Vocabulary

__all__ = [
    "FALLBACK_STEPS",
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
    "fallback_forms",
    "fetch",
    "load_dataset",
    "tokenizer_named",
    "with_typos",
    "without_layout",
]
