"""The compiled backend: as good as gensim, and sure to go on where it was interrupted."""

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from adapt.errors import AdaptWarning, FileFormatError, InputError
from adapt.training import compiled_backend, train_word2vec
from adapt.training.compiled_backend import BlockTrainer, initial_matrices, train_compiled
from adapt.training.encoded import encode_corpus
from adapt.training.gensim_backend import train_with_gensim


def loss(encoded, matrices, config, seed=0):
    """Negative-sampling loss a pair, over all pairs within the window and some noise words."""
    input, output = (matrix[:, : config.dim].astype(float) for matrix in matrices)
    generator = np.random.default_rng(seed)
    noise = encoded.counts**0.75 / (encoded.counts**0.75).sum()
    ids, total, n_pairs = np.asarray(encoded.ids), 0.0, 0
    for distance in range(1, config.window + 1):
        first, second = ids[:-distance], ids[distance:]
        ends = np.cumsum(np.append(0, ids < 0))
        inside = (ends[distance + 1 :] - ends[: -distance - 1]) == 0
        first, second = first[inside], second[inside]
        false = generator.choice(len(noise), (len(first), config.negative), p=noise)
        total += np.logaddexp(0, -np.einsum("nd,nd->n", input[first], output[second])).sum()
        total += np.logaddexp(0, np.einsum("nd,nkd->nk", input[first], output[false])).sum()
        n_pairs += len(first)
    return total / n_pairs


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_vocabulary_is_gensims_and_the_loss_falls_alike(
    topical_corpus, small, tmp_path, architecture
):
    losses = {}
    for epochs in (1, 20):
        config = small(epochs=epochs, architecture=architecture, learning_rate=0.05)
        encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
        trainer = BlockTrainer.from_counts(encoded.counts, config)
        matrices = train_compiled(encoded, trainer)
        reference = train_with_gensim(encoded, config, tmp_path)
        losses[epochs] = loss(encoded, matrices, config), loss(encoded, reference, config)
    untrained = loss(encoded, initial_matrices(len(encoded.words), config), config)
    ours, gensims = losses[20]
    assert untrained == pytest.approx(4 * np.log(2), rel=0.01)
    assert ours < losses[1][0] < untrained
    assert untrained - ours == pytest.approx(untrained - gensims, rel=0.1)


def test_subsampling_is_gensims(topical_corpus, small, tmp_path):
    from gensim.models import Word2Vec

    corpus = topical_corpus()
    encoded = encode_corpus(corpus, tmp_path / "corpus", min_count=2)
    trainer = BlockTrainer.from_counts(encoded.counts, small(sample=0.01))
    model = Word2Vec(list(corpus), min_count=2, sample=0.01, vector_size=2, epochs=1)
    expected = [model.wv.get_vecattr(word, "sample_int") / 2**32 for word in encoded.words]
    np.testing.assert_allclose(trainer.keep, expected, atol=1e-4)


@pytest.fixture
def short_blocks(monkeypatch):
    """Many blocks in a small corpus, and a checkpoint after each."""
    monkeypatch.setattr(compiled_backend, "BLOCK", 1024)
    monkeypatch.setattr(compiled_backend, "_CHECKPOINT_SECONDS", 0.0)


class Interrupted(Exception):
    """Stands for whatever ends a training too early."""


def interrupt_after(monkeypatch, n_blocks):
    """Let the training of the next block but `n_blocks` fail."""
    train, done = BlockTrainer.train, []

    def train_some(self, ids, *rest):
        if len(ids):
            done.append(1)
        if len(done) > n_blocks:
            raise Interrupted
        train(self, ids, *rest)

    monkeypatch.setattr(BlockTrainer, "train", train_some)


@pytest.mark.usefixtures("short_blocks")
@pytest.mark.parametrize("n_blocks", [0, 1, 5, 9])
def test_an_interrupted_training_ends_with_the_same_bytes(
    topical_corpus, small, tmp_path, n_blocks
):
    path = tmp_path / "state" / "training.checkpoint"
    expected = train_word2vec(topical_corpus(), small())
    with pytest.MonkeyPatch.context() as patch:
        interrupt_after(patch, n_blocks)
        with pytest.raises(Interrupted):
            train_word2vec(topical_corpus(), small(), checkpoint=path)
    assert path.exists() == (n_blocks > 0)
    resumed = train_word2vec(topical_corpus(), small(), checkpoint=path)
    assert resumed.matrix.tobytes() == expected.matrix.tobytes()
    again = train_word2vec(topical_corpus(), small(), checkpoint=path)
    assert again.matrix.tobytes() == expected.matrix.tobytes()


@pytest.mark.usefixtures("short_blocks")
def test_an_error_in_a_thread_ends_all_of_them(topical_corpus, small, monkeypatch):
    monkeypatch.setattr("adapt.training.word2vec._with_usable_threads", lambda config: config)
    interrupt_after(monkeypatch, 3)
    with pytest.raises(Interrupted):
        train_word2vec(topical_corpus(), small(threads=4, epochs=1000))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"epochs": 4}, "begun with epochs 3, not 4"),
        ({"dim": 9}, "begun with dim 8, not 9"),
        ({"seed": 1}, "begun with seed 0, not 1"),
    ],
)
def test_another_configuration_does_not_go_on(topical_corpus, small, tmp_path, option, message):
    path = tmp_path / "training.checkpoint"
    train_word2vec(topical_corpus(), small(), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=message):
        train_word2vec(topical_corpus(), small(**option), checkpoint=path)
    assert path.read_bytes() == before


def test_another_corpus_does_not_go_on(topical_corpus, small, tmp_path):
    path = tmp_path / "training.checkpoint"
    train_word2vec(topical_corpus(), small(), checkpoint=path)
    with pytest.raises(InputError, match="begun on another corpus"):
        train_word2vec(topical_corpus(seed=1), small(), checkpoint=path)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x00" * 100])
def test_what_is_no_checkpoint_is_refused_and_kept(topical_corpus, small, tmp_path, content):
    path = tmp_path / "training.checkpoint"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="is not a whole checkpoint"):
        train_word2vec(topical_corpus(), small(), checkpoint=path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [
        lambda matrix: matrix[:-1],
        lambda matrix: matrix[:, :-1],
        lambda matrix: matrix.astype(np.float64),
        lambda matrix: np.full_like(matrix, np.nan),
    ],
    ids=["rows", "columns", "dtype", "finite"],
)
@pytest.mark.parametrize("name", ["input", "output"])
def test_matrices_that_the_kernels_would_leave_are_refused(
    topical_corpus, small, tmp_path, name, change
):
    path = tmp_path / "training.checkpoint"
    train_word2vec(topical_corpus(), small(), checkpoint=path)
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        tensors = {one: file.get_tensor(one) for one in ("input", "output")}
    tensors[name] = np.ascontiguousarray(change(tensors[name]))
    save_file(tensors, path, metadata)
    with pytest.raises(FileFormatError, match="other matrices than the training has; delete it"):
        train_word2vec(topical_corpus(), small(), checkpoint=path)


def test_vectors_are_no_checkpoint(topical_corpus, small, tmp_path):
    from adapt.vectors import write_vectors

    path = tmp_path / "vectors.safetensors"
    write_vectors(train_word2vec(topical_corpus(), small()), path)
    with pytest.raises(FileFormatError, match="is not a checkpoint of a training"):
        train_word2vec(topical_corpus(), small(), checkpoint=path)


@pytest.mark.usefixtures("short_blocks")
def test_a_full_disk_costs_the_checkpoint_and_not_the_training(
    topical_corpus, small, tmp_path, monkeypatch
):
    def full(writer):
        raise OSError(28, "No space left on device")

    path = tmp_path / "training.checkpoint"
    expected = train_word2vec(topical_corpus(), small())
    monkeypatch.setattr("adapt.vectors.tensor_file.TensorWriter.finish", full)
    with pytest.warns(AdaptWarning, match=r"No space left on device.*training goes on"):
        vectors = train_word2vec(topical_corpus(), small(), checkpoint=path)
    assert vectors.matrix.tobytes() == expected.matrix.tobytes()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("backend", ["gensim", "torch"])
def test_other_backends_write_no_checkpoints(topical_corpus, small, tmp_path, backend):
    with pytest.raises(InputError, match="writes no checkpoints; use backend 'compiled'"):
        train_word2vec(topical_corpus(), small(backend=backend), checkpoint=tmp_path / "x")


def test_rows_are_padded_with_zeros_that_stay(topical_corpus, small, tmp_path):
    config = small(dim=5)
    encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
    matrices = train_compiled(encoded, BlockTrainer.from_counts(encoded.counts, config))
    assert all(matrix.shape[1] == 8 and not matrix[:, 5:].any() for matrix in matrices)
