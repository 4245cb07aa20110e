"""Training on a Dask cluster: one result, whatever the workers, their number and their fate."""

import numpy as np
import pytest

from adapt.cluster import dask_client
from adapt.errors import FileFormatError, InputError
from adapt.text import Corpus
from adapt.training import train_partitioned, train_word2vec

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client():
    """Return the client of a cluster of threads in this process."""
    from distributed import Client

    with Client(
        processes=False,
        n_workers=2,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",  # its usual port may be taken
    ) as client:
        yield client


def cosine(vectors, first, second):
    a, b = vectors[first], vectors[second]
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_words_of_a_topic_lie_together(topical_corpus, small, client):
    vectors = train_partitioned(topical_corpus(), small(epochs=20), client=client, n_shards=3)
    assert cosine(vectors, "heart", "valve") > cosine(vectors, "heart", "bone") + 0.5


def test_vocabulary_is_that_of_one_model(small, client):
    corpus = Corpus.from_texts(["b a c c c", "b a c d", "", "e"] * 3 + ["f"])
    one = train_word2vec(corpus, small())
    parts = train_partitioned(corpus, small(), client=client, n_shards=2, parts_per_shard=2)
    assert parts.words == one.words == ("c", "a", "b", "d", "e")
    assert parts.counts.tolist() == one.counts.tolist()


def test_the_vectors_are_the_same_every_time(topical_corpus, small, client):
    first, again, other = (
        train_partitioned(topical_corpus(90), small(seed=seed), client=client) for seed in (1, 1, 2)
    )
    assert first.matrix.tobytes() == again.matrix.tobytes()
    assert not np.allclose(first.matrix, other.matrix)


def test_more_shards_than_documents_still_place_every_word(small, client):
    corpus = Corpus.from_texts(["a b a b", "b c b c"])
    vectors = train_partitioned(corpus, small(epochs=1), client=client, n_shards=2)
    assert vectors.words == ("b", "a", "c")
    assert np.isfinite(vectors.matrix).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_shards": 0}, "n_shards is 0"),
        ({"parts_per_shard": 0}, "parts_per_shard is 0"),
    ],
)
def test_impossible_numbers_are_refused(topical_corpus, small, client, options, message):
    with pytest.raises(InputError, match=message):
        train_partitioned(topical_corpus(), small(), client=client, **options)


def test_other_backends_are_refused(topical_corpus, small, client):
    with pytest.raises(InputError, match="backend 'gensim' trains no sub-models"):
        train_partitioned(topical_corpus(), small(backend="gensim"), client=client)


def test_a_corpus_without_frequent_words_is_refused(small, client):
    with pytest.raises(InputError, match="seen at least 5 times; lower min_count"):
        train_partitioned(Corpus.from_texts(["a b"]), small(min_count=5), client=client)


def test_workers_name_the_file_and_the_line(small, client, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"fine\n\xff\n")
    with pytest.raises(FileFormatError, match="line 2") as caught:
        train_partitioned(Corpus.read(path), small(), client=client)
    assert caught.value.path == path
    assert caught.value.line == 2


def test_an_address_where_nobody_answers_is_refused(monkeypatch):
    monkeypatch.setattr("adapt.cluster.client._CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(InputError, match=r"no Dask scheduler answers there"),
        dask_client(scheduler="tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.slow
def test_processes_give_the_same_vectors_even_if_one_dies(topical_corpus, small, tmp_path):
    import os
    import signal
    import threading

    path = tmp_path / "texts.txt"
    path.write_text("\n".join(topical_corpus(20_000).texts()))
    corpus, config = Corpus.read(path), small(epochs=30)
    with dask_client(workers=2) as client:
        expected = train_partitioned(corpus, config, client=client)
        victim = next(iter(client.run(os.getpid).values()))
        killer = threading.Timer(0.5, os.kill, (victim, signal.SIGKILL))
        killer.start()
        survived = train_partitioned(corpus, config, client=client)
        killer.join()
    assert survived.matrix.tobytes() == expected.matrix.tobytes()


@pytest.mark.slow
def test_four_shards_are_within_a_point_of_one_model_on_the_clinical_task():
    from adapt.classifiers import TrainingConfig, train_classifier
    from adapt.experiment.cells import label_subset
    from adapt.experiment.config import DataConfig
    from adapt.experiment.data import prepare_data
    from adapt.merging import build_matrix
    from adapt.training import Word2VecConfig

    data = prepare_data(DataConfig())
    config = Word2VecConfig(window=15, negative=5, epochs=25, threads=1)
    with dask_client(workers=2) as client:
        parts = train_partitioned(data.corpus, config, client=client, n_shards=4)
    accuracies = []
    for vectors in (train_word2vec(data.corpus, config), parts):
        matrix = build_matrix(data.vocabulary, vectors).matrix
        accuracies.append([])
        for seed in range(3):
            rows = label_subset(data.train_labels, 1000, seed)
            trained = train_classifier(
                matrix,
                [data.train_rows[row] for row in rows],
                data.train_labels[rows],
                config=TrainingConfig(seed=seed),
            )
            accuracies[-1].append((trained.predict(data.test_rows) == data.test_labels).mean())
    one, merged = np.mean(accuracies, axis=1)
    assert merged > one - 0.01
