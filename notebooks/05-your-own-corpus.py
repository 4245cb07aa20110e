# %% [markdown]
# # Your own corpus and labels
#
# This notebook begins with files as you would have them, and ends with a report. It uses the command
# line; what stands below `%%bash` can be typed into a terminal as it is. Put your own files in place
# of these, and little else changes.
#
# In the documentation: [your own corpus](../docs/how-to/corpus.md), [labels in a
# table](../docs/how-to/classify.md), [study files](../docs/reference/study.md).

# %%
import csv
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import simple_icd_10_cm as icd

from adapt import EmbeddingTextClassifier, read_vectors
from adapt.evaluation import duplicated_places, read_results
from adapt.text import Corpus

plt.style.use("notebooks.mplstyle")
folder = Path("runs/own-corpus")
folder.mkdir(parents=True, exist_ok=True)

# %% [markdown]
# ## The files
#
# The texts are those of ICD-10-CM, the classification of diseases that American clinics code by. It
# is in the public domain, and comes with the package `simple-icd-10-cm`. Its codes form a tree: a
# *chapter* (such as *Neoplasms*) has blocks, these have categories, and so on, down to codes of seven
# characters.
#
# The task: from the description of a code of four characters, tell its chapter. The labelled tables
# hold 1,500 descriptions each, drawn at random; the unlabelled notes are the descriptions of blocks and
# of all longer codes, and the terms that ICD-10-CM includes under a code.

# %%
codes = icd.get_all_codes()
chapter_of = {code: icd.get_ancestors(code)[-1] for code in codes if icd.get_ancestors(code)}


def chapter_name(code):
    """Name a code's chapter, without the range of codes that follows the name."""
    return re.sub(r" \(\w+-\w+\)$", "", icd.get_description(chapter_of[code]))


lengths = {code: len(code.replace(".", "")) for code in codes}
of_four = [code for code in codes if lengths[code] == 4 and chapter_of.get(code, "22") != "22"]
drawn = np.random.default_rng(0).permutation(len(of_four))[:3000]
tables = {"train.csv": drawn[:1500], "test.csv": drawn[1500:]}
for name, rows in tables.items():
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label"])
        for row in rows:
            table.writerow([icd.get_description(of_four[row]), chapter_name(of_four[row])])

notes = [icd.get_description(code) for code in codes if lengths[code] > 4]
notes += [term for code in codes for term in icd.get_inclusion_term(code)]
(folder / "notes.txt").write_text("\n".join(notes) + "\n", encoding="utf-8")

for name in ("train.csv", "notes.txt"):
    print(f"{name}:")
    print("".join(f"  {line}\n" for line in (folder / name).read_text("utf-8").split("\n")[:4]))

# %% [markdown]
# Plain text has a document a line. JSON Lines, tables, folders of files and gzipped files are read as
# well. Chapter 22, *codes for special purposes*, is left out: it has too few descriptions.
#
# ## What do general vectors lack?
#
# `glove.6B.50d` is the name of installed vectors; a path to a file works in its place everywhere.

# %% language="bash" magic_args="-e"
# cd runs/own-corpus
# adapt coverage notes.txt --vectors glove.6B.50d --missing 8

# %% [markdown]
# ## In-domain vectors
#
# Descriptions are short, so that a wide window is of no use. One thread makes training repeatable.

# %% language="bash" magic_args="-e"
# cd runs/own-corpus
# adapt train notes.txt --out notes.safetensors --dim 100 --window 8 --epochs 5 > training.txt
# adapt neighbors notes.safetensors fracture malignant -k 5
# adapt neighbors glove.6B.50d fracture malignant -k 5

# %% [markdown]
# Any Python program can go on from here: what the command line writes, the library reads.

# %%
vectors = read_vectors(folder / "notes.safetensors")
corpus = Corpus.read(folder / "notes.txt")
print(vectors, "most frequent:", ", ".join(vectors.words[:6]))
print(f"{sum(corpus.word_counts().values()):,} tokens")

# %% [markdown]
# ## A study of your own
#
# A file of TOML says what to compare. The keys that are not there have their defaults.

# %% language="bash" magic_args="-e"
# cat > runs/own-corpus/own.toml << END
# general = "glove.6B.50d"
# embeddings = ["general", "domain", "aligned", "tfidf"]
#
# [data]
# train = "train.csv"
# test = "test.csv"
# corpus = ["notes.txt"] # unlabelled
#
# [word2vec]
# dim = 100
# window = 8
# epochs = 5
#
# [classifier]
# strategies = ["frozen"]
# label_budgets = [200, "all"]
# seeds = [0, 1, 2]
# END

# %% [markdown]
# ## Leakage first
#
# Test texts that also stand in the training table, or in the notes, make every figure too good. They
# need not be the same letter by letter. If such a study shall not be run at all, say `refuse`:

# %% language="bash"
# cd runs/own-corpus
# adapt run own.toml --out refused --set data.leakage=refuse 2>&1
# echo "exit status $?"

# %% [markdown]
# The command ends with one line that says what is wrong and what to do. That so many descriptions of
# one scheme are alike is no surprise:

# %%
texts = {}
for name in tables:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        texts[name] = [row["text"] for row in csv.DictReader(file)]
repeated = duplicated_places(texts["test.csv"], notes)
print(f"{len(repeated)} notes repeat one of the {len(texts['test.csv']):,} test texts, such as:")
for place in list(repeated)[:4]:
    print("-", notes[place])

# %% [markdown]
# `drop` leaves such texts out of what is learned from, and touches the test table never. That is the
# setting to take when the question is about texts yet to come. [Leakage](../docs/explanation/leakage.md)
# says how duplicates are found, and what nobody can find.

# %% language="bash" magic_args="-e"
# cd runs/own-corpus
# adapt run own.toml --out study --workers 1 --set data.leakage=drop 2> log.txt

# %% [markdown]
# ## Reading the report
#
# `study/report.html` is a single file, to open in a browser and to send to somebody; `report.md` is the
# same as text. It begins with the verdict and ends with how the study was run.

# %%
report = (folder / "study/report.md").read_text(encoding="utf-8")
print(report[: report.index("\n## ", report.index("\n## ") + 1)])

# %% [markdown]
# `results.json` holds all of it for programs. The report's own figures lie in `study/figures`; here is
# one of your own, from the results:

# %%
results = read_results(folder / "study")
places = {"general": 0, "domain": 1, "aligned": 2, "tfidf": 3}
figure, axes = plt.subplots(figsize=(7.5, 3.2))
budgets = sorted({cell.n_train for cell in results.summary})
for n_train, shift, marker in zip(budgets, (0.12, -0.12), "os", strict=True):
    cells = [cell for cell in results.summary if cell.n_train == n_train]
    axes.errorbar(
        [cell.accuracy for cell in cells],
        [places[cell.embedding] + shift for cell in cells],
        xerr=[
            [cell.accuracy - cell.accuracy_low for cell in cells],
            [cell.accuracy_high - cell.accuracy for cell in cells],
        ],
        marker=marker,
        linestyle="",
        capsize=3,
        label=f"{n_train:,} labels",
    )
axes.set_yticks(list(places.values()), list(places))
axes.margins(y=0.15)
axes.invert_yaxis()
axes.set(
    xlabel="accuracy, with 95 % interval",
    title=f"{results.dataset.n_test:,} descriptions to {results.dataset.n_classes} chapters",
)
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# So do not adapt here: with all labels, a bag of words is ahead by far, and with 200 nothing is shown
# to be better. Had the study compared general and in-domain vectors alone, it would have told a
# success, which is why it always has a bag of words beside them. [The first
# notebook](01-first-study.ipynb) ends with another verdict, for longer texts: ask the question anew for
# each task.
#
# ## A classifier to keep
#
# Where the verdict is to adapt, train one classifier on all labels, and keep it. This is how. The file
# holds no pickle, so that opening one from elsewhere runs no code.

# %% language="bash" magic_args="-e"
# cd runs/own-corpus
# adapt classify --train train.csv --test test.csv --vectors notes.safetensors --seeds 1 \
#     --out classifier.safetensors 2> log.txt

# %%
classifier = EmbeddingTextClassifier.load(folder / "classifier.safetensors")
for text in ("broken wrist after a fall", "benign tumour of the liver", "high blood pressure"):
    print(f"{text:28} → {classifier.predict([text])[0]}")

# %% [markdown]
# Words that no training text has, such as *broken*, have their vectors all the same, but vectors do not
# make a good classifier of so few labels: see the verdict. Nor is the accuracy of this last command
# one to tell others, for the notes that these vectors were trained on hold duplicates of test texts.
#
# **Where to go next.** The [tutorial](../docs/tutorial.md) does the same on the command line alone;
# [grids of studies](../docs/how-to/grids.md) vary settings.
