"""Grids: which studies they come to, what these are called, and what is refused."""

import pytest

from adapt.errors import FileFormatError, InputError
from adapt.experiment import StudyConfig, StudyGrid, read_config, read_study


@pytest.fixture
def write(tmp_path):
    def write_toml(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_toml


GRID = """
description = "Many"
[grid]
"word2vec.dim" = [50, 300]
"alignment.policy" = ["average", "concat"]
"""


def test_every_combination_is_a_study(write):
    grid = read_study(write(GRID))
    assert isinstance(grid, StudyGrid)
    assert (grid.name, grid.description) == ("study", "Many")
    assert grid.keys == ("word2vec.dim", "alignment.policy")
    assert [one.name for one in grid.variants] == [
        "dim=50,policy=average",
        "dim=50,policy=concat",
        "dim=300,policy=average",
        "dim=300,policy=concat",
    ]
    assert [one.config.word2vec.dim for one in grid.variants] == [50, 50, 300, 300]
    assert grid.variants[1].config.name == "study, dim=50,policy=concat"
    assert [one.number for one in grid.variants[2].settings] == [300.0, None]


def test_any_key_goes_lists_included(write):
    grid = read_study(
        write(
            """
            [grid]
            "alignment.anchors.limit" = [100, 1000]
            "data.corpus" = [[], ["a notes.txt"]]
            "data.corpus_share" = [0.5, 1]
            """
        )
    )
    assert len(grid.variants) == 8
    assert grid.variants[2].name == "limit=100,corpus=a-notes.txt,corpus_share=0.5"
    assert grid.variants[2].config.data.corpus == ("a notes.txt",)
    assert grid.variants[0].config.data.corpus_share == 0.5


def test_names_tell_keys_apart_that_end_alike(write):
    grid = read_study(write('[grid]\n"word2vec.seed" = [1, 2]\n"data.seed" = [1, 2]'))
    assert grid.variants[0].name == "word2vec.seed=1,data.seed=1"


def test_names_that_come_out_alike_are_numbered(write):
    grid = read_study(write('[grid]\n"general" = ["A b", "a-b", "c"]'))
    assert [one.name for one in grid.variants] == ["general=A-b,1", "general=a-b,2", "general=c"]


def test_the_command_line_changes_a_grid_or_makes_one(write):
    made = read_study(write("description = 'x'"), ['grid."word2vec.dim"=[50, 100]'])
    assert [one.config.word2vec.dim for one in made.variants] == [50, 100]
    changed = read_study(write(GRID), ['grid."word2vec.dim"=[7]', "word2vec.epochs=2"])
    assert [one.config.word2vec.dim for one in changed.variants] == [7, 7]
    assert changed.variants[0].config.word2vec.epochs == 2
    nested = read_study(write("description = 'x'"), ["grid.word2vec.dim=[50, 100]"])
    assert [one.config for one in nested.variants] == [one.config for one in made.variants]


def test_a_study_without_a_grid_is_one(write):
    assert isinstance(read_study(write("description = 'x'")), StudyConfig)
    with pytest.raises(FileFormatError, match="holds a grid of studies"):
        read_config(write(GRID))


def test_all_studies_are_changed_alike(write):
    grid = read_study(write(GRID)).map(lambda one: read_config(write("name = 'other'")))
    assert {one.config.name for one in grid.variants} == {"other"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grid = 3", r"write \[grid\]"),
        ("[grid]", "grid names no settings"),
        ('[grid]\n"word2vec.dim" = []', "needs a list of values"),
        ('[grid]\n"word2vec.dim" = 50', "needs a list of values"),
        ('[grid]\n"word2vec.dimm" = [50]', "unknown key 'word2vec.dimm'; did you mean 'dim'"),
        ('[grid]\n"word2vex.dim" = [50]', "unknown key 'word2vex'; did you mean 'word2vec'"),
        ('[grid]\n"word2vec.dim" = ["x"]', "value of type int"),
        ('[grid]\n"word2vec" = [{dim = 3}]', "is a section; name a key in it"),
        ('[grid]\n"word2vec" = [3]', r"write \[word2vec\]"),
        (
            '[grid]\n"general.dim" = [3]\n"general" = ["x"]',
            "one within the other",
        ),
        ('general = "x"\n[grid]\n"general.dim" = [3]', "'general' is a value, not a section"),
        ('[grid]\nname = ["a", "b"]', "'name', which all of its studies share"),
        ('[grid]\ndescription = ["a", "b"]', "which all of its studies share"),
        ('[word2vec]\ndim = 3\n[grid]\n"word2vec.dim" = [50]', "is set to 3, and in the grid too"),
        ('[alignment.anchors]\nlimit = 3\n[grid]\n"alignment.anchors" = [1]', "is a section"),
        ('[grid]\n"word2vec.dim" = [50]\nword2vec.dim = [50]', "twice, quoted and nested"),
        ('[grid]\n"word2vec.dim" = [50, 50]', "the same study twice, as dim=50 and dim=50"),
        ('[grid]\n"data.corpus_share" = [1, 1.0]', "the same study twice"),
        ('[grid]\n"data.leakage" = ["stamp", "refuse"]', "the same study twice"),
        ('[grid]\n"alignment.policy" = ["averige"]', "did you mean 'average'"),
        ('[grid]\nlimit = 0\n"word2vec.dim" = [50]', "grid.limit is 0; give a number of cells"),
        ('[grid]\nlimit = 20\n"word2vec.dim" = [50]', r"1 studies with 39 cells, .* is 20 cells"),
        ('[grid]\nlimit = 1\n"word2vec.dim" = [50, 60]', r"2 studies, but .* \(1,000 by default\)"),
    ],
)
def test_grids_that_cannot_be(write, text, message):
    path = write(text)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_study(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_grid_of_a_thousand_thousands_is_refused_before_it_is_made(write):
    values = list(range(1, 1001))
    text = f'[grid]\n"word2vec.dim" = {values}\n"word2vec.seed" = {values}'
    with pytest.raises(FileFormatError, match="comes to 1,000,000 studies"):
        read_study(write(text))


def test_a_key_on_the_command_line_and_in_the_grid_contradict_each_other(write):
    with pytest.raises(FileFormatError, match=r"""--set 'grid."word2vec.dim"=\[…\]'"""):
        read_study(write(GRID), ["word2vec.dim=7"])


@pytest.mark.parametrize("override", ["grid.=[1]", 'grid."word2vec.dim=[1]', "=1", "a b=1", "#=1"])
def test_malformed_overrides(write, override):
    with pytest.raises(InputError, match="is not KEY=VALUE"):
        read_study(write(GRID), [override])
