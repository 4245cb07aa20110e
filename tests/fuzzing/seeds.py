"""The seeds of mutation: small valid files of every kind, and a few that are refused.

``python -m tests.fuzzing.seeds`` writes them anew. They are kept, so that what is fuzzed is the
same everywhere, and what was once written stays readable.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import zstandard

from adapt.classifiers import (
    EmbeddingTextClassifier,
    HybridEmbedding,
    TrainingConfig,
    save_classifier,
    train_classifier,
)
from adapt.evaluation import DatasetSummary, Results, Run, write_results
from adapt.evaluation.grid_results import (
    GridResults,
    GridVariant,
    Setting,
    VariantComparison,
    write_grid_results,
)
from adapt.evaluation.results import OovRate, Summary
from adapt.evaluation.space_map import MapNeighbors, SpaceMap, write_space_map
from adapt.evaluation.verdict_results import BudgetVerdict, Rival, StudyVerdict
from adapt.experiment.cells import Cell
from adapt.experiment.config import StudyConfig
from adapt.experiment.fits import Outcome
from adapt.experiment.manifest import write_manifest
from adapt.experiment.predictions import Predictions
from adapt.experiment.store import Store
from adapt.merging import build_matrix
from adapt.oov.encoders import NgramEncoder
from adapt.text import Vocabulary
from adapt.training.checkpoint import Checkpoint, write_checkpoint
from adapt.vectors import WordVectors, write_vectors
from adapt.vectors.native import NativeWriter
from tests.fuzzing.readers import CHECKPOINT, SEEDS, STAMP

WORDS = ("the", "naïve", "a\xa0b", "fever", "语")
MATRIX = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)
VECTORS = WordVectors(WORDS, MATRIX, counts=[9, 5, 3, 2, 1], origin="seed")
VOCABULARY = Vocabulary.from_counts({"fever": 4, "cough": 3, "naïve": 2})
QUESTION = """<?xml version="1.0" encoding="UTF-8"?>
<Document id="1" source="X"><Focus>Fever &amp; ague</Focus><FocusAnnotations><UMLS>
<SemanticTypes><SemanticType>T047</SemanticType></SemanticTypes></UMLS></FocusAnnotations>
<QAPairs><QAPair pid="1"><Question qid="1">What is fever?</Question>
<Answer>A high <![CDATA[temperature]]>.</Answer></QAPair></QAPairs></Document>
"""
ENTITIES = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY x SYSTEM "file:///etc/passwd">]><d><note>&b;&x;</note></d>'
)
ONTOLOGY = """format-version: 1.2

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0000478
name: Abnormality of the eye
synonym: "Eye \\"disease\\"" EXACT layperson [] {xref="PMID:1"}
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000508
name: Ptosis
def: "The upper eyelid\\, low." [HPO:probinson]
comment: Drooping.
is_a: HP:0000478
is_obsolete: false
"""
STUDY = """name = "clinical"
general = "glove.6B.50d"
[data]
dataset = "clinical"
[word2vec]
min_count = 2
epochs = 2
[alignment]
method = "rcsls"
space = "general"
"""


def write_seeds() -> None:
    """Write all seeds."""
    torch.manual_seed(0)
    for write in (_vectors, _native, _packed, _fasttext, _texts, _tables, _json, _results, _models):
        write()


def _place(reader: str, name: str) -> Path:
    folder = SEEDS / reader
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _put(reader: str, name: str, content: bytes | str) -> None:
    _place(reader, name).write_bytes(content.encode() if isinstance(content, str) else content)


def _vectors() -> None:
    write_vectors(VECTORS, _place("glove", "plain.txt"))
    _put("glove", "spaces.txt", "new york 1 2 3 \nthe 4 5 6 \nthe 7 8 9\n. . . 1e-3 -0 .5 \r\n")
    _put("glove", "returns.txt", "a 1 2\nb\r 3 4\n\r 5\r 6\r\n")
    write_vectors(VECTORS, _place("word2vec-text", "plain.vec"))
    _put("word2vec-text", "tabs.vec", "2\t2\na\t1\t2.5\nb\t3\t-0.5\n")
    write_vectors(VECTORS, _place("word2vec-binary", "lines.bin"))
    rows = b"".join(
        word.encode() + b" " + row.tobytes() for word, row in zip("ab", MATRIX, strict=False)
    )
    _put("word2vec-binary", "solid.bin", b"2 3\n" + rows)


def _native() -> None:
    sources = ("general", "domain", "general", "both", "domain")
    write_vectors(VECTORS, _place("native", "counts.safetensors"))
    named = WordVectors(WORDS, MATRIX, sources=sources)
    write_vectors(named, _place("native", "sources.safetensors"))
    repeats = {"repeats": np.frombuffer(json.dumps([6, 1, "the", 4]).encode(), "u1")}
    for name, tensors in (("plain", {}), ("repeats", repeats)):
        with open(_place("cached-copy", f"{name}.safetensors"), "wb") as stream:
            writer = NativeWriter(stream, {"origin": "", "source": STAMP})
            writer.append(MATRIX)
            writer.finish(WORDS, tensors, with_table=True)


def _packed() -> None:
    plain = (SEEDS / "glove" / "plain.txt").read_bytes()
    _put("packed-vectors", "gzip", gzip.compress(plain, 0, mtime=0))
    _put("packed-vectors", "zstd", zstandard.compress(plain))
    solid = (SEEDS / "word2vec-binary" / "solid.bin").read_bytes()
    _put("packed-vectors", "zip", _archive({"licence.txt": b"free\n", "a/vectors.bin": solid}))
    _put("packed-vectors", "tar", _tar("vectors.txt", plain))
    _put("packed-corpus", "gzip", gzip.compress(b"One document.\nAnother one\n", 0, mtime=0))
    document = _archive({"1.xml": QUESTION.encode(), "2.xml": QUESTION.encode()})
    _put("medquad-archive", "zip", document)


def _archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _tar(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return packed.getvalue().rstrip(b"\0")


def _fasttext() -> None:
    """A model of 2 words, 3 n-grams and 3 dimensions, as fastText lays it out."""
    words = ("fever", "naïve")
    options = struct.pack(
        "<4s13id", struct.pack("<i", 793712314), 12, 3, 5, 5, 1, 5, 1, 1, 2, 3, 3, 6, 100, 1e-4
    )
    sizes = struct.pack("<3i2q", 2, 2, 0, 7, -1)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 3, 0) for word in words)
    matrix = np.linspace(-1, 1, 15, dtype="<f4")
    content = options + sizes + entries
    content += struct.pack("<?2q", False, 5, 3) + matrix.tobytes()
    content += struct.pack("<?2q", False, 2, 3) + matrix[:6].tobytes()
    _put("fasttext", "model.bin", content)


def _texts() -> None:
    _put("corpus", "plain.txt", "\ufeffOne document, naïve.\n\n  Another one’s\r\n")
    _put("ontology", "hp.obo", ONTOLOGY)
    _put("medquad-document", "document.xml", QUESTION)
    _put("medquad-document", "entities.xml", ENTITIES)
    notes = "<diag><inclusionTerm><note>Cholera &lt;X&gt;</note></inclusionTerm></diag>"
    _put("classification", "notes.xml", notes)
    _put("classification", "entities.xml", ENTITIES)
    _put("anchors", "pairs.txt", "fever fever\ncough\nnew york\tNYC\nfever ague\n")
    _put("synonyms", "words.tsv", "fever\tague\nfever\thigh temperature\ncough tussis\n")
    _put("scored-pairs", "tabs.tsv", "# comment\nterm1\tterm2\tmean\nfever\tague\t3.5\n")
    _put("scored-pairs", "commas.csv", 'a,b,1\n"c, d",e,2.5\n')
    _put("scored-pairs", "blanks.txt", "a b 1\nc d 2\n")
    _put("study", "study.toml", STUDY)
    grid = STUDY + '[grid]\n"word2vec.dim" = [25, 50]\nlimit = 100\n'
    _put("study", "grid.toml", grid)


def _tables() -> None:
    lines = [{"text": "A fever", "label": "x"}, {"text": "naïve \ud83d\ude00", "label": 3}]
    _put("json-lines", "documents.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    _put("csv", "documents.csv", 'label,text\nx,"A ""high"" fever,\nwith lines"\ny,naïve\n')
    _put("tsv", "documents.tsv", "text\tlabel\nA fever\tx\nnaïve\ty\n")
    record = {"focus": "Fever", "semantic_types": ["T047"], "question": "What?", "text": "High."}
    _put("medquad-records", "records.jsonl", json.dumps(record) + "\n")


def _json() -> None:
    VOCABULARY.save(_place("vocabulary", "vocabulary.json"))
    config = json.loads(json.dumps(asdict(StudyConfig(name="seed"))))
    manifest = {
        "manifest_version": 1,
        "config": config,
        "inputs": {},
        "repeatable": True,
        "working_folder": "/tmp",
    }
    write_manifest(manifest, _place("manifest", "manifest.json"))
    neighbors = MapNeighbors(((1,), ()), ((0.5,), ()))
    write_space_map(
        SpaceMap(
            "procrustes", 2, (0.5, 0.25), ("fever", "ague"), ("anchor", "domain"), (3, 1),
            ((0.5, 1.0), None), ((0.0, 1.0), (1.0, 0.5)), ((0.5, 1.0), (1.0, 0.5)),
            neighbors, neighbors, neighbors,
        ),
        _place("map", "map.json"),
    )  # fmt: skip


def _results() -> None:
    data = DatasetSummary("clinical", 10, 5, 2, 20, 300, transductive=False)
    cell = ("general", "zeros", "mean", "frozen", 10)
    run = Run(*cell, seed=0, accuracy=0.5, macro_f1=0.4, validation_accuracy=0.6, chosen="")
    mean = Summary(*cell, 1, 0.5, 0.4, 0.6, 0.4, 0.6)
    rate = OovRate("general", "test", 0.25, 0.125, 4, 8, (), (("ague", 2),))
    results = Results("clinical", "naïve", dataset=data, oov=(rate,), runs=(run,), summary=(mean,))
    write_results(results, _place("results", "results.json"))
    rival = Rival("general", *cell[:4], 0.1, 0.0, 0.2, 0.04, "better")
    verdict = BudgetVerdict(10, "adapt", *cell[:4], 0.5, 0.4, 0.6, (rival,))
    variant = GridVariant(
        "a",
        (Setting("word2vec.dim", "25", 25.0),),
        "abc",
        data,
        (mean,),
        (),
        StudyVerdict("adapt", "Adapt.", "", (), (verdict,)),
    )
    comparison = VariantComparison(*cell, "a", "b", 0.1, 0.0, 0.2, 0.04, 0.08)
    grid = GridResults("grid", "", ("word2vec.dim",), (variant,), (comparison,), ())
    write_grid_results(grid, _place("grid-results", "results.json"))


def _models() -> None:
    matrix = build_matrix(VOCABULARY, VECTORS)
    matrix.save(_place("matrix", "matrix.safetensors"))
    documents = [["fever", "cough"], ["naïve"]] * 4
    config = TrainingConfig(max_epochs=1)
    encoded = [VOCABULARY.encode(words) for words in documents]
    labels = np.array([0, 1] * 4)
    trained = train_classifier(matrix.matrix, encoded, labels, model="mean", config=config)
    save_classifier(trained, _place("classifier", "words.safetensors"))
    spelling = NgramEncoder(
        NgramEncoder.kind.of_words(WORDS, min_words=5), torch.ones(3), scale=0.5
    )
    layer = HybridEmbedding(matrix.matrix, VOCABULARY, spelling)
    trained = train_classifier(layer, documents, labels, model="mean-idf", config=config)
    save_classifier(trained, _place("classifier", "spelling.safetensors"))
    estimator = EmbeddingTextClassifier(VECTORS, max_epochs=1, random_state=0)
    estimator.fit([" ".join(words) for words in documents], labels)
    estimator.save(_place("estimator", "estimator.safetensors"))
    config, corpus, compass = CHECKPOINT
    state = Checkpoint(3, MATRIX, MATRIX)
    write_checkpoint(_place("checkpoint", "checkpoint.safetensors"), state, config, corpus, compass)
    _kept()


def _kept() -> None:
    store = Store(SEEDS / "store")
    outcome = Outcome(np.zeros((1, 4), np.int64), 0.5, "epochs 1")
    for name, value in (("vectors", VECTORS), ("outcome", outcome)):
        store.put(name, value)
    predictions = Predictions(
        cells=(Cell("general", "zeros", "mean", "frozen", 10),),
        seeds=(0,),
        classes=("eye", "näve"),
        labels=np.array([0, 1, 1]),
        predicted=np.array([[[0, 1, 0]]], dtype=np.uint8),
        documents="abc",
    )
    arrays = {"predicted": predictions.predicted, "labels": predictions.labels}
    arrays |= {"classes": np.array(predictions.classes), "seeds": np.array([0])}
    arrays |= {"documents": np.array("abc")}
    arrays |= {name: np.array([value]) for name, value in asdict(predictions.cells[0]).items()}
    with open(_place("predictions", "stored.npz"), "wb") as stream:
        np.savez(stream, **arrays)  # not compressed, so that mutation gets at what it holds


if __name__ == "__main__":
    write_seeds()
