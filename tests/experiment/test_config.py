"""Reading a study's TOML: defaults, overrides, and errors that name the key."""

import tracemalloc
from pathlib import Path

import pytest

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.experiment import StudyConfig, config_digest, read_config, read_study

EXPERIMENTS = sorted((Path(__file__).parents[2] / "experiments").glob("*.toml"))


@pytest.fixture
def write(tmp_path):
    def write_toml(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_toml


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_the_experiments_are_valid(path):
    assert read_study(path).description


def test_defaults_fill_what_the_file_leaves_out(write):
    config = read_config(write("[word2vec]\ndim = 50"))
    assert config.name == "study"
    assert config.word2vec.dim == 50
    assert config.word2vec.epochs == StudyConfig(name="x").word2vec.epochs


def test_the_compass_is_trained_only_where_it_is_asked_for(write):
    usual = read_config(write(""))
    assert "compass" not in usual.embeddings
    # what is not trained does not make the results others
    same = read_config(write("[compass]\nshared = 'penalised'"))
    assert config_digest(same) == config_digest(usual)
    asked = [
        read_config(write(f"embeddings = ['compass']\n[compass]\nshared = '{shared}'"))
        for shared in ("frozen", "penalised")
    ]
    assert config_digest(asked[0]) != config_digest(asked[1])


def test_partitions_are_part_of_the_configuration_where_there_are_some(write):
    whole, parts = (read_config(write(f"[partitions]\nn_shards = {n}")) for n in (1, 2))
    assert config_digest(whole) == config_digest(read_config(write("")))
    assert config_digest(parts) != config_digest(whole)
    with pytest.raises(FileFormatError, match="backend 'gensim' trains no sub-models"):
        read_config(write("[partitions]\nn_shards = 2\n[word2vec]\nbackend = 'gensim'"))
    with pytest.raises(FileFormatError, match="n_shards is 0"):
        read_config(write("[partitions]\nn_shards = 0"))


def test_overrides_win(write):
    path = write("[word2vec]\ndim = 50\n")
    config = read_config(
        path,
        [
            "word2vec.dim=60",
            "alignment.anchors.limit=100",
            "classifier.oov=['normal', 'mean']",
            "classifier.seeds=[4, 5]",
            "word2vec.sample=0",
        ],
    )
    assert config.word2vec.dim == 60
    assert config.alignment.anchors.limit == 100
    assert config.classifier.oov == ("normal", "mean")
    assert config.classifier.seeds == (4, 5)
    assert config.word2vec.sample == 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[word2vec]\ndmi = 50", r"unknown key 'word2vec.dmi'; did you mean 'dim'"),
        ("wrod2vec = 1", r"unknown key 'wrod2vec'; did you mean 'word2vec'"),
        ("word2vec = 1", r"it is a section: write \[word2vec\]"),
        ("[word2vec]\ndim = '50'", "needs a value of type int"),
        ("[word2vec]\ndim = true", "needs a value of type int"),
        ("[word2vec]\ndim = 0", "dim is 0"),
        ("embeddings = 'general'", "needs a list"),
        ("embeddings = ['genral']", "did you mean 'general'"),
        ("[compass]\nshared = 'free'", "choose one of frozen, penalised"),
        ("embeddings = ['compass']\n[word2vec]\nbackend = 'gensim'", "use backend 'compiled'"),
        ("[data]\ndataset = 'clincal'", "did you mean 'clinical'"),
        ("embeddings = ['aligned:ridg']", "did you mean 'ridge'"),
        ("embeddings = ['aligned:ridge']", "is no orthogonal map"),  # the space is the domain's
        ("[alignment]\ncurve_points = -1", "curve_points is -1"),
        ("[alignment.anchors]\nmin_overlap = 2", "min_overlap is 2"),
        ("[data]\ncorpus_fields = ['text']", "name the files too"),
        ("[data]\ncorpus_share = 0", "corpus_share is 0.0; give a share above 0 to 1"),
        ("[data]\ncorpus_share = 1.5", "corpus_share is 1.5"),
        ("[data]\npath = 'x'\ntrain = 'a.csv'\ntest = 'b.csv'", "data.path goes with data.dataset"),
        ("[alignment]\nmethod = 'procrustean'", "did you mean 'procrustes'"),
        ("[alignment]\npolicy = 'best'", "choose from domain_first"),
        ("[classifier]\nseeds = []", "give distinct values"),
        ("[classifier]\nseeds = [1, 1]", "give distinct values"),
        ("[classifier]\nlabel_budgets = ['most']", "numbers of documents or 'all'"),
        ("[alignment.anchors]\nheld_out_share = 1.5", "between 0 and 1"),
        ("[data]\ntrain = 'a.csv'", "data.train and data.test go together"),
        ("[classifier.training]\nseed = 3", "set classifier.seeds instead"),
        ("[classifier]\ntypo_shares = [0]", "typo_shares holds 0.0; give shares above 0 to 1"),
        ("[oov]\nhidden = -1", "oov.hidden is -1; give 0 or more"),
        ("a = = 1", "not valid TOML"),
    ],
)
def test_mistakes_are_named_with_file_and_key(write, text, message):
    path = write(text)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_config(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_out_of_vocabulary_strategies_come_in_chains_that_leave_no_word_out(write, monkeypatch):
    path = write("[classifier]\noov = ['nrmal']")
    with pytest.raises(FileFormatError, match="did you mean 'normal'"):
        read_config(path)
    monkeypatch.setattr("adapt.oov.Zeros.total", False)
    assert read_config(path, ["classifier.oov=['zeros,mean']"]).classifier.oov == ("zeros,mean",)
    with pytest.raises(FileFormatError, match="classifier.oov holds 'zeros', which leaves words"):
        read_config(path, ["classifier.oov=['zeros']"])


@pytest.mark.parametrize("key", ["a." * 100_000 + "a", "'a' . " * 33 + "a", "[" + "a." * 33 + "a]"])
def test_a_key_of_many_parts_takes_no_memory(write, key):
    tracemalloc.start()
    with pytest.raises(FileFormatError, match=r"line 2: has a key of more than 32 parts"):
        read_config(write(f"name = 'any'\n{key} = 1\n"))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_dots_in_a_text_are_no_key(write):
    told = "e.g. v1.2.3, ... and so on. " * 20
    assert read_config(write(f"name = 'any'\ndescription = '{told}'\n")).description == told


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "study.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(FileFormatError, match="not UTF-8"):
        read_config(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileAccessError, match="name a study's TOML file"):
        read_config(tmp_path / "none.toml")


@pytest.mark.parametrize("override", ["word2vec.dim", "=3", "name.x=3"])
def test_malformed_overrides(write, override):
    with pytest.raises(InputError, match="--set"):
        read_config(write("name = 'x'"), [override])


def test_digest_depends_on_what_decides_the_results_alone(write):
    base = read_config(write(""))
    assert config_digest(base) == config_digest(read_config(write("description = 'other'")))
    assert config_digest(base) == config_digest(read_config(write(""), ["data.leakage=refuse"]))
    assert config_digest(base) != config_digest(read_config(write(""), ["word2vec.seed=1"]))
    assert config_digest(base) != config_digest(read_config(write(""), ["data.leakage=drop"]))


def test_leakage_is_stamped_refused_or_dropped(write):
    with pytest.raises(FileFormatError, match="data.leakage.*'ignore'|'ignore'.*data.leakage"):
        read_config(write(""), ["data.leakage=ignore"])
