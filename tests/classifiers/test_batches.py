"""Batches: products with parts of a sparse matrix and with their transposes."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from adapt.classifiers.batches import batches

N_ROWS, DIM = 9, 3
TABLE = torch.from_numpy(np.random.default_rng(0).normal(size=(N_ROWS, DIM))).float()


@settings(deadline=None)  # the first product makes PyTorch load its kernels
@given(
    documents=st.lists(
        st.dictionaries(st.integers(0, N_ROWS - 1), st.floats(0.125, 1.0, width=32), max_size=5),
        min_size=1,
        max_size=9,
    ),
    size=st.integers(1, 10),
)
def test_every_batch_is_a_product_with_its_documents_and_with_their_transpose(documents, size):
    dense = np.zeros((len(documents), N_ROWS), dtype=np.float32)
    for place, words in enumerate(documents):
        for row, weight in words.items():
            dense[place, row] = weight
    labels = torch.arange(len(documents))

    found = list(batches(csr_matrix(dense), labels, size))
    assert torch.equal(torch.cat([batch.labels for batch in found]), labels)
    assert [len(batch.labels) for batch in found[:-1]] == [size] * (len(found) - 1)
    for batch in found:
        part = torch.from_numpy(dense)[batch.labels]
        read = part.any(dim=0).nonzero().ravel()
        assert torch.equal(batch.rows, read)
        torch.testing.assert_close(batch.pool(TABLE), part @ TABLE)
        gradient = torch.arange(len(part) * DIM).float().reshape(-1, DIM) - 4
        torch.testing.assert_close(batch.spread(gradient), (part.T @ gradient)[read])
