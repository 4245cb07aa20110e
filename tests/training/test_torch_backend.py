"""The torch backend: the objective of the compiled kernels, in batches, on any device."""

from contextlib import contextmanager
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.training import torch_backend, train_word2vec
from adapt.training.compiled_backend import BlockTrainer, initial_matrices, train_compiled
from adapt.training.encoded import END, EncodedCorpus, encode_corpus
from adapt.training.torch_backend import train_with_torch

ARCHITECTURES = pytest.mark.parametrize("architecture", ["skipgram", "cbow"])


def encoded_corpus(documents):
    """Encode documents of word numbers, which are by descending count."""
    ids = np.array([number for words in documents for number in (*words, END)], dtype=np.int32)
    counts = np.bincount(ids[ids != END])
    return EncodedCorpus(tuple(f"w{i}" for i in range(len(counts))), counts, ids)


def loss(encoded, matrices, config):
    """Negative-sampling loss a pair: skip-gram's, or CBOW's with whole windows for contexts."""
    input, output = (matrix[:, : config.dim].astype(float) for matrix in matrices)
    noise = encoded.counts**0.75 / (encoded.counts**0.75).sum()
    documents = np.split(encoded.ids, np.flatnonzero(encoded.ids == END))
    total, n_pairs = 0.0, 0
    for document in documents:
        words = document[document != END]
        for place, centre in enumerate(words):
            around = [*words[max(0, place - config.window) : place]]
            around += [*words[place + 1 : place + 1 + config.window]]
            contexts = input[around]
            if config.architecture == "cbow" and around:
                contexts = contexts.mean(axis=0, keepdims=True)
            scores = contexts @ output.T
            total += np.logaddexp(0, -scores[:, centre]).sum()
            total += config.negative * (np.logaddexp(0, scores) @ noise).sum()
            n_pairs += len(contexts)
    return total / n_pairs


@ARCHITECTURES
def test_words_of_a_topic_lie_together(topical_corpus, small, architecture):
    config = small(epochs=10, architecture=architecture, backend="torch")
    vectors = train_word2vec(topical_corpus(), config)
    unit = {w: vectors[w] / np.linalg.norm(vectors[w]) for w in vectors.words}
    assert unit["heart"] @ unit["valve"] > unit["heart"] @ unit["bone"] + 0.5


@ARCHITECTURES
def test_the_loss_falls_as_with_the_compiled_kernels(topical_corpus, small, tmp_path, architecture):
    encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
    losses = {}
    for epochs in (1, 10):
        config = small(epochs=epochs, architecture=architecture, learning_rate=0.05)
        trainer = BlockTrainer.from_counts(encoded.counts, config)
        losses[epochs] = [
            loss(encoded, matrices, config)
            for matrices in (train_with_torch(encoded, config), train_compiled(encoded, trainer))
        ]
    untrained = loss(encoded, initial_matrices(len(encoded.words), config), config)
    ours, compiled = losses[10]
    assert ours < losses[1][0] < untrained
    assert untrained - ours == pytest.approx(untrained - compiled, rel=0.1)


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(topical_corpus, small):
    first, again, other = (
        train_word2vec(topical_corpus(60), small(seed=seed, backend="torch")) for seed in (1, 1, 2)
    )
    assert first.matrix.tobytes() == again.matrix.tobytes()
    assert not np.allclose(first.matrix, other.matrix)


@ARCHITECTURES
def test_windows_end_where_documents_do(small, architecture):
    """Words alone in their documents have no context, and are themselves none: they stay put."""
    documents = [[0, 1, 0, 1], [2], [1, 0, 1, 0, 1], [3], [2], [0]] * 50
    config = small(architecture=architecture, window=5)
    encoded = encoded_corpus(documents)
    input, _ = train_with_torch(encoded, config)
    initial = initial_matrices(4, config)[0]
    assert (input[2:] == initial[2:, : config.dim]).all()
    assert (input[:2] != initial[:2, : config.dim]).all()


@ARCHITECTURES
@pytest.mark.parametrize(
    "documents",
    [[[0] * 9] * 20, [[0, 1, 0]] * 20, [[0], [1], [0]] * 20, [[0]]],
    ids=["one word", "short documents", "single words", "one token"],
)
def test_degenerate_corpora_end_finite(small, documents, architecture):
    config = small(architecture=architecture, window=50, learning_rate=0.5, epochs=20)
    for matrix in train_with_torch(encoded_corpus(documents), config):
        assert matrix.shape == (len(set(chain(*documents))), config.dim)
        assert np.isfinite(matrix).all()


def test_large_batches_do_not_overshoot(monkeypatch, topical_corpus, small, tmp_path):
    """All of the corpus in a batch, of 8 words: thousands of steps for each row at once."""
    monkeypatch.setattr(torch_backend, "_BATCH_RANGE", (4800, 4800))
    encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
    config = small(epochs=40, learning_rate=0.3)
    untrained = loss(encoded, initial_matrices(len(encoded.words), config), config)
    assert loss(encoded, train_with_torch(encoded, config), config) < untrained - 0.5


def test_windows_and_noise_words_are_drawn_as_word2vec_does(small):
    counts = np.array([6000, 3000, 1000])
    config = small(window=4, negative=5, sample=0.05)
    trainer = torch_backend._Trainer.from_counts(counts, config, torch.device("cpu"))
    ids = np.append(np.repeat(np.arange(3, dtype=np.int32), counts), END).astype(np.int32)
    text = trainer._subsample(torch.from_numpy(ids))
    kept = torch.bincount(text.words[4:-4]).numpy()
    expected = BlockTrainer.from_counts(counts, config).keep
    np.testing.assert_allclose(kept / counts, expected, atol=0.04)

    batch = trainer._draw(text, 4 + torch.arange(len(text.words) - 8))
    inner = batch.inside[4:-4].mean(0).numpy()
    np.testing.assert_allclose(inner, [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25], atol=0.04)
    assert batch.inside[0, :4].sum() == batch.inside[-1, 4:].sum() == 0
    assert (batch.targets[:, 0] == text.words[4:-4]).all()
    noise = torch.bincount(batch.targets[:, 1:].flatten()).numpy()
    np.testing.assert_allclose(noise / noise.sum(), counts**0.75 / (counts**0.75).sum(), atol=0.02)
    assert (batch.weights[:, 0] == 1).all()
    is_noise = batch.targets[:, 1:] != batch.targets[:, :1]
    assert torch.equal(batch.weights[:, 1:], is_noise.float())


@given(score=st.floats(-30, 30), elsewhere=st.floats(-30, 30))
def test_the_parabola_of_the_curvature_bound_lies_above_the_loss(score, elsewhere):
    curvature = torch_backend._curvature_bound(torch.tensor(score)).item()
    moved = elsewhere - score
    slope = 1 / (1 + np.exp(-score))
    parabola = np.logaddexp(0, score) + slope * moved + curvature * moved**2 / 2
    assert np.logaddexp(0, elsewhere) <= parabola + 1e-4
    assert curvature <= 0.25


@ARCHITECTURES
def test_steps_are_the_gradient_of_the_loss(small, architecture):
    generator = torch.Generator().manual_seed(3)
    counts = np.array([9, 8, 7, 6, 5])
    config = small(architecture=architecture)
    trainer = torch_backend._Trainer.from_counts(counts, config, torch.device("cpu"))
    trainer.output.normal_(generator=generator)
    batch = torch_backend._Batch(
        contexts=torch.tensor([[0, 1, 2, 1], [3, 3, 4, 0], [1, 2, 3, 4]]),
        inside=torch.tensor([[1.0, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0]]),
        targets=torch.tensor([[4, 1, 1], [2, 2, 3], [0, 1, 2]]),
        weights=torch.tensor([[1.0, 1, 1], [1, 0, 1], [1, 1, 1]]),
    )
    input, output = (m.clone().requires_grad_() for m in (trainer.input, trainer.output))
    contexts = input[batch.contexts]
    pair_weights = batch.inside[:, :, None] * batch.weights[:, None]
    if architecture == "cbow":
        n_inside = batch.inside.sum(1)[:, None, None].clamp(min=1)
        contexts = (contexts * batch.inside[:, :, None]).sum(1, keepdim=True) / n_inside
        pair_weights = pair_weights.amax(1, keepdim=True)
        # word2vec moves each context of a mean in full: its gradient is that of a sum
        contexts.register_hook(lambda gradient: gradient * n_inside)
    scores = contexts @ output[batch.targets].mT
    signs = torch.tensor([1.0, -1.0, -1.0])
    (-(pair_weights * torch.nn.functional.logsigmoid(signs * scores)).sum()).backward()
    before = trainer.input.clone(), trainer.output.clone()
    trainer._step(batch, 0.01)
    torch.testing.assert_close(trainer.input, before[0] - 0.01 * input.grad)
    torch.testing.assert_close(trainer.output, before[1] - 0.01 * output.grad)


def test_a_corpus_of_many_blocks_is_learned_like_one_of_one(
    monkeypatch, topical_corpus, small, tmp_path
):
    encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
    config = small(epochs=5)
    one = loss(encoded, train_with_torch(encoded, config), config)
    monkeypatch.setattr(torch_backend, "_BLOCK", 1000)
    many = loss(encoded, train_with_torch(encoded, config), config)
    assert many == pytest.approx(one, rel=0.03)


def test_the_progress_ends_with_all_tokens(monkeypatch, topical_corpus, small, tmp_path):
    encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
    noted = []

    @contextmanager
    def counted(description, total, *, unit):
        yield noted.append
        assert sum(noted) == total

    monkeypatch.setattr(torch_backend, "progress", counted)
    monkeypatch.setattr(torch_backend, "_BLOCK", 1000)
    train_with_torch(encoded, small(sample=1e-3))
    assert len(noted) > 1


def test_threads_are_restored(small):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        train_with_torch(encoded_corpus([[0, 1]]), small(threads=1))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a CUDA device")
def test_cuda_is_refused_where_there_is_none(small):
    with pytest.raises(InputError, match="no CUDA device is there; use 'cpu' or 'auto'"):
        train_with_torch(encoded_corpus([[0, 1]]), small(backend="torch", device="cuda"))


def test_auto_takes_what_there_is(small):
    config = small(backend="torch", device="auto")
    input, _ = train_with_torch(encoded_corpus([[0, 1]] * 9), config)
    assert np.isfinite(input).all()


@ARCHITECTURES
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_learns_what_the_processor_learns(topical_corpus, small, tmp_path, architecture):
    encoded = encode_corpus(topical_corpus(), tmp_path / "corpus", min_count=2)
    losses = [
        loss(encoded, train_with_torch(encoded, config), config)
        for config in (
            small(epochs=10, architecture=architecture, backend="torch", device=device)
            for device in ("cpu", "cuda")
        )
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
