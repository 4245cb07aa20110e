"""What holds for every aligner that can be called by name."""

import numpy as np
import pytest

from adapt.alignment import ALIGNERS, Anchors, aligner_named, random_orthogonal_map
from adapt.errors import AdaptWarning, InputError, NotFittedError
from adapt.vectors.word_vectors import WordVectors

NAMES = [*ALIGNERS, "refined:ridge", "refined:kernel-ridge"]
ORTHOGONAL = [name for name in NAMES if aligner_named(name).orthogonal]


def space(matrix, **options):
    words = tuple(f"w{i}" for i in range(len(matrix)))
    return WordVectors(words=words, matrix=matrix.astype(np.float32), **options)


def spaces(p, q, n=240, noise=0.1):
    """Return a domain space and a general one that are turned copies but for noise, and anchors."""
    rng = np.random.default_rng(0)
    low = rng.standard_normal((n, min(p, q))) + 0.2
    domain = low @ random_orthogonal_map(p, min(p, q), seed=1).T
    general = low @ random_orthogonal_map(q, min(p, q), seed=2).T
    counts = np.arange(n, 0, -1)
    first = space(domain + noise * rng.standard_normal((n, p)), counts=counts)
    return first, space(general), Anchors(first.words, first.words)


def test_vectors_of_another_space_are_refused_by_name():
    domain, general, anchors = spaces(9, 6)
    aligner = aligner_named("procrustes").fit(domain, general, anchors)
    for which, wrong, p, q in (("domain", general, 6, 9), ("general", domain, 9, 6)):
        message = (
            f"^these {which} vectors have {p} dimensions, but the aligner was fitted on {which} "
            f"vectors of {q}; use vectors of that space$"
        )
        with pytest.raises(InputError, match=message):
            getattr(aligner, f"normalized_{which}")(wrong)
    with pytest.raises(InputError, match="these domain vectors have 6"):
        aligner.transform(general)
    with pytest.raises(InputError, match="these general vectors have 9"):
        aligner.transform_general(domain)


def test_anchors_that_nobody_knows_are_refused():
    domain, general, _ = spaces(6, 6)
    message = (
        "^none of the 2 anchors has a vector in both spaces; give pairs of words that both know$"
    )
    with pytest.warns(AdaptWarning, match="2 are absent"), pytest.raises(InputError, match=message):
        aligner_named("ridge").fit(domain, general, Anchors(("a", "b"), ("c", "d")))


@pytest.mark.parametrize("space_name", ["general", "domain"])
def test_spaces_are_mapped_in_blocks_of_any_size(space_name, monkeypatch):
    domain, general, anchors = spaces(9, 6)
    aligner = aligner_named("procrustes", space=space_name).fit(domain, general, anchors)
    at_once = [aligner.transform(domain).matrix, aligner.transform_general(general).matrix]
    monkeypatch.setattr("adapt.alignment.aligner._BLOCK_ROWS", 7)
    in_blocks = [aligner.transform(domain).matrix, aligner.transform_general(general).matrix]
    for one, other in zip(at_once, in_blocks, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_an_aligner_is_shown_with_its_options():
    shown = "KernelRidge(alpha=0.5, gamma=3.0, space='general', whitening=0.25)"
    assert repr(aligner_named("kernel-ridge")) == shown


@pytest.mark.parametrize("name", NAMES)
class TestEveryAligner:
    def test_its_name_is_its_key(self, name):
        assert aligner_named(name).name == name
        assert "space='general'" in repr(aligner_named(name)) or "base=" in repr(
            aligner_named(name)
        )

    def test_an_unknown_space_is_refused(self, name):
        with pytest.raises(InputError, match="unknown space 'both'; known are general, domain"):
            aligner_named(name, space="both")

    @pytest.mark.parametrize(
        "method", ["transform", "transform_general", "normalized_domain", "normalized_general"]
    )
    def test_it_must_be_fitted_first(self, name, method):
        with pytest.raises(NotFittedError, match="call fit first"):
            getattr(aligner_named(name), method)(space(np.eye(2)))

    @pytest.mark.parametrize(("p", "q"), [(6, 6), (9, 6), (6, 9)])
    def test_words_it_was_not_fitted_on_come_near_their_partners(self, name, p, q):
        domain, general, anchors = spaces(p, q)
        aligner = aligner_named(name).fit(domain, general, anchors.subset(range(180)))
        x, y = aligner.normalized_domain(domain)[180:], aligner.normalized_general(general)[180:]
        assert x.dtype == y.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, atol=1e-5)
        if name != "identity":
            assert np.einsum("ij,ij->i", x, y).mean() > 0.8
        mapped = aligner.transform(domain)
        assert mapped.dim == q
        assert mapped.words == domain.words
        assert np.isfinite(mapped.matrix).all()
        assert aligner.transform_general(general) is general
        assert aligner.anchors_ == anchors.subset(range(180))
        assert aligner.n_anchors_ == 180

    def test_arguments_are_not_changed_and_the_outcome_repeats(self, name):
        domain, general, anchors = spaces(6, 5)
        before = domain.matrix.copy(), general.matrix.copy()
        first = aligner_named(name).fit(domain, general, anchors).transform(domain)
        again = aligner_named(name).fit(domain, general, anchors).transform(domain)
        np.testing.assert_array_equal(domain.matrix, before[0])
        np.testing.assert_array_equal(general.matrix, before[1])
        np.testing.assert_array_equal(first.matrix, again.matrix)

    def test_zeros_stay_zeros(self, name):
        domain, general, anchors = spaces(6, 5)
        aligner = aligner_named(name).fit(domain, general, anchors)
        zeros = space(np.zeros((3, 6)))
        assert not aligner.transform(zeros).matrix.any()
        assert not aligner.normalized_domain(zeros).any()

    def test_few_anchors_give_a_refusal_or_a_finite_map(self, name):
        domain, general, anchors = spaces(50, 50)
        few = anchors.subset(range(20))
        aligner = aligner_named(name)
        try:
            aligner.fit(domain, general, few)
        except InputError as error:
            assert "20 anchors cannot fix a map of 50 dimensions" in str(error)  # noqa: PT017
            assert not aligner.regularized
            return
        assert aligner.regularized
        mapped = aligner.transform(domain).matrix
        lengths = np.linalg.norm(mapped, axis=1), np.linalg.norm(general.matrix, axis=1)
        assert lengths[0].max() < 10 * lengths[1].max()

    def test_a_constant_column_and_duplicated_rows_do_no_harm(self, name):
        domain, general, anchors = spaces(6, 5)
        matrix = domain.matrix.copy()
        matrix[:, 2], matrix[7] = 0.25, matrix[8]
        flat = domain.replace(matrix=matrix)
        mapped = aligner_named(name).fit(flat, general, anchors).transform(flat).matrix
        assert np.isfinite(mapped).all()
        np.testing.assert_array_equal(mapped[7], mapped[8])


@pytest.mark.parametrize("name", ORTHOGONAL)
def test_orthogonal_aligners_embed_the_general_space_isometrically(name):
    domain, general, anchors = spaces(9, 6)
    aligner = aligner_named(name, space="domain").fit(domain, general, anchors)
    embedded = aligner.transform_general(general).matrix
    assert embedded.shape == (240, 9)
    products = general.matrix @ general.matrix.T
    np.testing.assert_allclose(embedded @ embedded.T, products, atol=1e-3)
    assert aligner.transform(domain).dim == 9


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(ORTHOGONAL) - {"auto"}))
def test_others_refuse_to_embed_it(name):
    with pytest.raises(InputError, match="is no orthogonal map.*use the space 'general'"):
        aligner_named(name, space="domain")


def test_an_unknown_aligner_is_met_with_the_nearest_name():
    with pytest.raises(
        InputError, match="unknown aligner 'procrustres'; did you mean 'procrustes'"
    ):
        aligner_named("procrustres")
    with pytest.raises(InputError, match="known are procrustes"):
        aligner_named("zzz")
    with pytest.raises(InputError, match="unknown aligner 'refined:auto'"):
        aligner_named("refined:auto")
