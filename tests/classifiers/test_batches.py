"""Batches: what comes out, put back together, is what went in."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers import WordBatch, WordDocuments
from adapt.classifiers import batches as module
from adapt.errors import InputError

N_ROWS = 9
lists_strategy = st.lists(st.lists(st.integers(0, N_ROWS - 1), max_size=7), max_size=9)
seeds_strategy = st.integers(0, 2**32 - 1)


def arrays(lists):
    return [np.array(rows, dtype=np.int64) for rows in lists]


def taken(lists, padding_idx=0):
    return WordDocuments.of_rows(arrays(lists), N_ROWS, padding_idx=padding_idx)


def of_batch(batch):
    """Write a batch out, as the rows of each document."""
    rows = batch.words[batch.places]
    return [one.tolist() for one in torch.split(rows, batch.lengths.tolist())]


def of_documents(documents):
    rows = documents.words[documents.places]
    return [rows[here:end].tolist() for here, end in zip(*ends(documents.starts), strict=True)]


def ends(starts):
    return starts[:-1], starts[1:]


def together(lists):
    return [one for some in lists for one in some]


def without(lists, padding_idx=0):
    return [[row for row in rows if row != padding_idx] for rows in lists]


@given(lists=lists_strategy, padding_idx=st.integers(0, N_ROWS - 1))
def test_documents_are_the_rows_given_without_the_padding(lists, padding_idx):
    documents = taken(lists, padding_idx)
    assert of_documents(documents) == without(lists, padding_idx)
    assert len(documents) == len(lists)
    assert len(np.unique(documents.words)) == len(documents.words)
    np.testing.assert_array_equal(documents.words, documents.meant)
    counts = np.bincount(together(without(lists, padding_idx)), minlength=N_ROWS)
    np.testing.assert_array_equal(documents.counts(N_ROWS), counts)


@given(lists=lists_strategy, seed=seeds_strategy)
def test_a_subset_is_made_of_the_documents_chosen_in_their_order(lists, seed):
    chosen = np.random.default_rng(seed).permutation(len(lists))[: 2 * len(lists) // 3]
    subset = taken(lists).subset(chosen)
    assert of_documents(subset) == [without(lists)[place] for place in chosen]


@given(lists=lists_strategy, size=st.integers(1, 10), seed=seeds_strategy)
def test_batches_hold_all_documents_in_the_order_asked_for(lists, size, seed):
    order = np.random.default_rng(seed).permutation(len(lists))
    batches = list(taken(lists).batches(order, size))
    assert together(map(of_batch, batches)) == [without(lists)[place] for place in order]
    sizes = [len(batch.starts) for batch in batches]
    assert all(found == size for found in sizes[:-1])
    if len(lists) > 1 and size > 1:
        assert sizes[-1:] != [1]
        assert max(sizes) <= size + 1


@given(lists=lists_strategy, size=st.integers(1, 10))
def test_every_distinct_word_stands_once_in_a_batch_and_none_besides(lists, size):
    for batch in taken(lists).batches(np.arange(len(lists)), size):
        assert batch.words.tolist() == sorted(set(together(of_batch(batch))))
        assert torch.equal(batch.meant, batch.words)


@given(lists=lists_strategy, at_once=st.integers(1, 20))
def test_large_batches_hold_all_documents_and_no_more_words_than_they_may(lists, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TOKENS_AT_ONCE", at_once)
        batches = list(taken(lists).large_batches())
    assert together(map(of_batch, batches)) == without(lists)
    for batch in batches:
        assert len(batch.places) <= at_once or len(batch.starts) == 1


@given(lists=lists_strategy)
def test_padded_rows_are_documents_wherever_the_padding_stands(lists):
    length = max(map(len, lists), default=0) + 2
    rows = torch.zeros(len(lists), length, dtype=torch.int64)
    for row, document in zip(rows, lists, strict=True):
        row[1 : len(document) + 1] = torch.tensor(document)
    assert of_batch(WordBatch.of_padded(rows)) == without(lists)


@given(lists=lists_strategy, share=st.floats(0.0, 0.9), seed=seeds_strategy)
def test_word_dropout_leaves_words_out_and_all_else_as_it_is(lists, share, seed):
    documents = taken(lists)
    thinned = documents.without_words(share, np.random.default_rng(seed))
    kept = iter(np.random.default_rng(seed).random(len(documents.places)) >= share)
    assert of_documents(thinned) == [[row for row in one if next(kept)] for one in without(lists)]
    assert of_documents(documents) == without(lists)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.7])
def test_word_dropout_leaves_the_share_of_words_out_that_it_shall(share):
    documents = WordDocuments.of_rows([np.full(500, 1)] * 40, 2)
    thinned = documents.without_words(share, np.random.default_rng(0))
    assert 1 - len(thinned.places) / 20_000 == pytest.approx(share, abs=0.015)


def test_spellings_and_meanings_go_where_their_words_go():
    documents = WordDocuments(
        words=np.array([5, 1, 1]),  # a known word and two unknown ones, spelled out
        meant=np.array([5, 5, 1]),
        places=np.array([2, 0, 1, 1, 2]),
        starts=np.array([0, 2, 3, 5]),
        codes=np.array([[7, 7], [8, 8], [9, 0]]),
    )
    first, second = documents.batches(np.array([2, 1, 0]), 1), documents.subset(np.array([2, 0]))
    batches = [*first, *second.large_batches()]
    spelled = [batch.codes[batch.places][:, 0].tolist() for batch in batches]
    meant = [batch.meant[batch.places].tolist() for batch in batches]
    assert spelled == [[8, 9], [8], [9, 7], [8, 9, 9, 7]]
    assert meant == [[5, 1], [5], [1, 5], [5, 1, 1, 5]]


def test_a_single_document_left_over_joins_the_batch_before():
    documents = taken([[1]] * 7)
    sizes = [len(batch.starts) for batch in documents.batches(np.arange(7), 3)]
    assert sizes == [3, 4]
    assert [len(batch.starts) for batch in documents.batches(np.arange(1), 3)] == [1]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint8])
def test_row_numbers_of_any_integer_type_are_taken(dtype):
    documents = WordDocuments.of_rows([np.array([1, 3], dtype), np.array([])], 4)
    assert of_documents(documents) == [[1, 3], []]
    assert documents.words.dtype == documents.places.dtype == documents.starts.dtype == np.int64


def test_documents_that_are_not_row_numbers_are_refused():
    with pytest.raises(InputError, match="documents hold float64; give the row numbers"):
        WordDocuments.of_rows([np.array([1.0, 2.0])], 4)
    with pytest.raises(InputError, match="rows -1 to 2, but the table has 4"):
        WordDocuments.of_rows([np.array([2, -1])], 4)
    with pytest.raises(InputError, match="rows 1 to 4, but the table has 4"):
        WordDocuments.of_rows([np.array([1, 4])], 4)


def test_read_only_arrays_are_taken_and_left_as_they_are():
    rows = np.array([3, 1, 3])
    rows.setflags(write=False)
    documents = WordDocuments.of_rows([rows, rows[:1]], 4)
    for array in (documents.words, documents.places, documents.starts):
        array.setflags(write=False)
    assert together(map(of_batch, documents.large_batches())) == [[3, 1, 3], [3]]
