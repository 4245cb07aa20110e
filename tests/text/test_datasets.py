import pytest

from adapt.errors import InputError
from adapt.text import Corpus, LabelledTexts, dataset_infos, dataset_names, load_dataset
from adapt.text.datasets import split_dataset
from adapt.text.labelled import UnsplitDataset

LABELLED = LabelledTexts(
    tuple(f"Text number {number}." for number in range(40)), ("a",) * 30 + ("b",) * 10
)
UNLABELLED = (*LABELLED.texts, *(f"  TEXT number\n{n}. " for n in range(40)), "Name", " Name ", "")


@pytest.fixture
def small():
    whole = UnsplitDataset(LABELLED, UNLABELLED, ("somewhere.obo",))
    return split_dataset("small", whole, seed=3, test_share=0.3)


def test_splits_are_stratified_and_share_no_document(small):
    assert (small.train.labels.count("a"), small.train.labels.count("b")) == (21, 7)
    assert sorted(small.train.texts + small.test.texts) == sorted(LABELLED.texts)
    assert dict(zip(LABELLED.texts, LABELLED.labels, strict=True)).items() >= set(
        zip(small.test.texts, small.test.labels, strict=True)
    )


def test_the_corpus_is_clear_of_the_test_split_whatever_the_layout(small):
    layouts = {" ".join(text.lower().split()) for text in small.corpus}
    assert not layouts & {text.lower() for text in small.test.texts}
    assert set(small.train.texts) <= set(small.corpus)


def test_texts_that_differ_from_a_test_text_in_punctuation_alone_leave_the_corpus():
    whole = UnsplitDataset(LABELLED, tuple(text.rstrip(".") for text in LABELLED.texts), ())
    made = split_dataset("small", whole, seed=3, test_share=0.3)
    assert sorted(made.corpus) == sorted(text.rstrip(".") for text in made.train.texts)


def test_a_group_stands_on_one_side_and_takes_its_unlabelled_texts_with_it():
    groups = tuple(str(number // 2) for number in range(40))
    answers = tuple(f"An answer, number {number}" for number in range(40))
    whole = UnsplitDataset(LABELLED, answers, (), groups=groups, unlabelled_groups=groups)
    made = split_dataset("small", whole, seed=3, test_share=0.3)
    number = {text: row for row, text in enumerate(LABELLED.texts)}
    train, test = (
        {groups[number[text]] for text in split.texts} for split in (made.train, made.test)
    )
    assert not train & test
    assert (len(made.train), len(made.test)) == (28, 12)
    assert {groups[answers.index(text)] for text in made.corpus} == train
    assert len(made.corpus) == 28


def test_groups_must_fit():
    with pytest.raises(InputError, match="there are 40 labelled texts, but 1 groups"):
        UnsplitDataset(LABELLED, (), (), groups=("x",))
    whole = UnsplitDataset(LABELLED, (), (), groups=("x",) * 40)
    with pytest.raises(InputError, match="small: the group 'x' has several classes"):
        split_dataset("small", whole, seed=0, test_share=0.3)


def test_unlabelled_texts_are_stripped_and_kept_once(small):
    assert small.corpus.count("Name") == 1
    assert "" not in small.corpus
    assert len(small.corpus) == len(set(small.corpus)) == 2 * len(small.train) + 1


def test_the_seed_alone_decides_the_split():
    whole = UnsplitDataset(LABELLED, (), ())
    first, again, other = (
        split_dataset("small", whole, seed=seed, test_share=0.3) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.test != other.test


def test_classes_too_small_to_split_are_refused():
    whole = UnsplitDataset(LABELLED.subset([0, 1, 30]), (), ())
    with pytest.raises(InputError, match='"b" has a single document'):
        split_dataset("small", whole, seed=0, test_share=0.3)
    whole = UnsplitDataset(LABELLED, (), ())
    with pytest.raises(InputError, match=r"small: cannot be split with test_share=0\.01"):
        split_dataset("small", whole, seed=0, test_share=0.01)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("surgical", {}, 'no dataset is called "surgical"; choose one of clinical'),
        ("clinical", {"test_share": 1.0}, "test_share is 1.0"),
        ("clinical", {"seed": -1}, "seed is -1"),
    ],
)
def test_options_are_checked_before_anything_is_read(monkeypatch, name, options, message):
    monkeypatch.setattr("adapt.text.packaged.find_spec", pytest.fail)
    with pytest.raises(InputError, match=message):
        load_dataset(name, **options)


def test_every_dataset_says_what_it_is():
    assert dataset_names() == tuple(info.name for info in dataset_infos())
    for info in dataset_infos():
        assert info.description
        assert info.licence
        assert info.needs


@pytest.mark.slow
def test_clinical_is_the_dataset_that_the_documentation_describes():
    dataset = load_dataset("clinical", seed=0)
    assert (len(dataset.train), len(dataset.test)) == (7352, 3151)
    assert len(dataset.train.classes) == 19
    assert dataset.train.classes == dataset.test.classes
    assert "Abnormality of the nervous system" in dataset.train.classes
    assert not set(dataset.corpus) & set(dataset.test.texts)
    assert len(dataset.corpus) == 178_042
    assert Corpus.from_texts(dataset.corpus).word_counts().total() == 1_682_510
    assert [source.rsplit(".", 1)[1] for source in dataset.sources] == ["obo", "xml"]
