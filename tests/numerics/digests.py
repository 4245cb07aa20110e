"""Digests of all that a small pipeline computes, from the corpus to the probabilities.

    python -m tests.numerics.digests [--start-method fork|spawn|forkserver]

Prints a JSON object: the versions of what computed, and one SHA-256 for each stage. What agrees in
versions and processor should agree in digests; run it under two interpreters, hash seeds or numbers
of threads to see whether it does.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
from importlib.metadata import version

import numpy as np

from adapt.alignment import aligner_named, aligner_names, csls, shared_anchors
from adapt.classifiers import EmbeddingTextClassifier
from adapt.cores import one_thread
from adapt.evaluation import isometry, paired_differences
from adapt.experiment.digests import content_digest
from adapt.merging import build_matrix, merge, policy_names
from adapt.text import Corpus, Vocabulary
from adapt.training import Word2VecConfig, train_word2vec
from adapt.vectors import WordVectors

LIBRARIES = ["numpy", "scipy", "scikit-learn", "numba", "torch", "gensim"]
OOV = "related+subword,characters"
N_TOPICS, N_WORDS = 4, 60


def made_texts(n: int) -> list[str]:
    """Texts of some topic each, by a generator whose numbers are the same everywhere."""
    generator = np.random.default_rng(7)
    names = np.array([f"{a}{b}{i}" for i in range(N_WORDS // 4) for a in "pt" for b in "ao"])
    shares = 1 / np.arange(1, N_WORDS + 1)
    texts = []
    for document in range(n):
        order = np.random.default_rng(document % N_TOPICS).permutation(N_WORDS)
        drawn = generator.choice(N_WORDS, size=30, p=shares / shares.sum())
        texts.append(" ".join(names[order[drawn]]))
    return texts


def pipeline() -> dict[str, str]:
    """Train, align, merge, fill, classify and compare; give the digest of each."""
    texts = made_texts(240)
    corpus = Corpus.from_texts(texts, name="made")
    config = Word2VecConfig(dim=16, epochs=3, min_count=2, seed=3)
    domain = train_word2vec(corpus, config)
    noise = np.random.default_rng(1).standard_normal((len(domain), 12))
    general = WordVectors(domain.words[5:], domain.matrix[5:, :12] + noise[5:] / 5)
    anchors = shared_anchors(domain, general)
    found = {"text": content_digest(texts), "train": content_digest(domain)}
    aligned = domain
    for name in aligner_names():
        aligner = aligner_named(name).fit(domain, general, anchors)
        mapped = aligner.transform(domain)
        found[f"align:{name}"] = content_digest(mapped)
        aligned = mapped if name == "procrustes" else aligned
    found["csls"] = content_digest(*csls(aligned.matrix, general.matrix, 3))
    found["isometry"] = content_digest(isometry(domain, general, anchors))
    for name in policy_names():
        found[f"merge:{name}"] = content_digest(merge(general, aligned, name))
    merged = merge(general, aligned, "frequency_weighted")
    vocabulary = Vocabulary.from_corpus(
        Corpus.from_texts([*texts, *["pa1s unseen 17 tao3 Pa2"] * 3])
    )
    matrix = build_matrix(vocabulary, merged.head(40), oov=OOV, corpus=corpus, seed=5)
    found["oov"] = content_digest(matrix.matrix, matrix.provenance.steps)
    labels = [f"topic {i % N_TOPICS}" for i in range(len(texts))]
    answers = []
    for model, strategy in (("mean-idf+max", "frozen"), ("cnn", "fine-tuned")):
        classifier = EmbeddingTextClassifier(
            matrix, model=model, strategy=strategy, max_epochs=3, random_state=2
        ).fit(texts[:160], labels[:160])
        probabilities = classifier.predict_proba(texts[160:])
        found[f"classify:{model}"] = content_digest(probabilities)
        answers.append(classifier.classes_[probabilities.argmax(axis=1)] == labels[160:])
    found["compare"] = content_digest(
        repr(paired_differences([(answers[0][None], answers[1][None])]))
    )
    return found


def computed() -> dict[str, str]:
    """Run the pipeline as studies run their fits: on one thread, whatever the libraries take."""
    with one_thread():
        return pipeline()


def main() -> None:
    """Print versions and digests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start-method", choices=multiprocessing.get_all_start_methods())
    method = parser.parse_args().start_method
    if method is None:
        found = computed()
    else:
        with multiprocessing.get_context(method).Pool(1) as pool:
            found = pool.apply(computed)
    versions = {name: version(name) for name in LIBRARIES}
    about = {"python": platform.python_version(), "machine": platform.machine(), **versions}
    json.dump({"versions": about, "digests": found}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
