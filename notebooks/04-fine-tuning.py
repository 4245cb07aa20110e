# %% [markdown]
# # Fine-tuning, and what it does to the vectors
#
# Should a classifier train the word vectors too, or leave them as they are? Training fits them to
# the task, but only those of words in the training texts: a rare word is moved by the one text that
# it stands in, and words that stand in none stay where they were. There are strategies between the
# two, and this notebook compares them.
#
# [Document encoders and training](../docs/explanation/classifiers.md) describes all of them.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl

from adapt import (
    Corpus,
    EmbeddingTextClassifier,
    Procrustes,
    Vocabulary,
    build_matrix,
    merge,
    read_vectors,
    shared_anchors,
    train_word2vec,
)
from adapt.classifiers import TrainingConfig, schedule_of, train_classifier, train_ensemble
from adapt.evaluation import accuracy_interval, holm, measure_drift, paired_differences
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
# ## Vectors and labels
#
# GloVe and in-domain vectors, merged after alignment, and 1,000 labelled definitions of phenotypes
# (see [the first notebook](01-first-study.ipynb)). Texts of the training split beyond these 1,000
# are not used.

# %%
clinical = load_dataset("clinical")
general = read_vectors("glove.6B.50d")
domain = train_word2vec(
    Corpus.from_texts(clinical.corpus), Word2VecConfig(dim=100, window=15, epochs=5, seed=0)
)
anchors = shared_anchors(domain, general).subset(range(5000))
aligner = Procrustes(space="domain").fit(domain, general, anchors)
merged = merge(aligner.transform_general(general), aligner.transform(domain), "domain_first")

few = clinical.train.subset(np.random.default_rng(0).permutation(len(clinical.train))[:1000])
test = clinical.test
print(merged)
print(f"{len(few):,} training texts, {len(test):,} test texts, {len(set(few.labels))} classes")

# %% [markdown]
# ## Strategies are schedules of learning rates
#
# A strategy says how fast each part of a model learns in each epoch. `frozen` leaves the vectors
# alone. `fine-tuned` trains everything. `discriminative` trains vectors at a hundredth of the rate
# of the rest. `two-stage` begins frozen and lets vectors go when the head is no longer random.

# %%
strategies = ("frozen", "fine-tuned", "discriminative", "two-stage")
epochs = range(1, 31)
figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
for place, strategy in enumerate(strategies):
    schedule = schedule_of(TrainingConfig(strategy=strategy))
    rates = [schedule.rates(epoch) for epoch in epochs]
    style = {"label": strategy, "linestyle": ["-", "-", "--", ":"][place]}
    style["linewidth"] = 6 if strategy == "frozen" else 2  # others lie on top of it
    for axes, part in zip(panels, ("embedding", "head"), strict=True):
        shown = [getattr(rate, part) or np.nan for rate in rates]  # 0 has no place on this axis
        axes.plot(epochs, shown, color="C5" if place == 0 else f"C{place}", **style)
panels[0].set(title="Word vectors", ylabel="learning rate (logarithmic)", yscale="log")
panels[1].set(title="Head")
for axes in panels:
    axes.set(xlabel="epoch")
panels[1].legend(loc="lower left")
plt.show()

# %% [markdown]
# `frozen` has no line on the left, since its rate is zero, and `two-stage` has one from the fourth
# epoch on. On the right, three strategies share one line. All rates fall towards zero, and training
# stops early when held-out *training* texts say so. One strategy can do without any of this: where
# vectors are frozen and a document is but a mean of them, as below, the head is not trained in steps
# but solved for.
#
# ## Accuracy
#
# The estimator behaves like any other of scikit-learn. Each strategy is trained with three seeds.

# %%
seeds = (0, 1, 2)
correct = {}
for strategy in strategies:
    predictions = []
    for seed in seeds:
        classifier = EmbeddingTextClassifier(
            merged, model="mean-idf", strategy=strategy, random_state=seed
        )
        classifier.fit(few.texts, few.labels)
        predictions.append(classifier.predict(test.texts) == np.array(test.labels))
    correct[strategy] = np.array(predictions)  # (n_seeds, n_documents)

table = []
for strategy, right in correct.items():
    mean, low, high = accuracy_interval(right, seed=0)
    table.append({"strategy": strategy, "accuracy": mean, "low": low, "high": high})
pl.DataFrame(table)

# %% [markdown]
# The intervals are those of each strategy alone. What fine-tuning *adds* is a paired question:

# %%
others = strategies[1:]
differences = paired_differences([(correct[name], correct["frozen"]) for name in others])
corrected = holm([one.p_value for one in differences])
for name, one, p in zip(others, differences, corrected, strict=True):
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    print(
        f"{name:14} − frozen: {100 * one.difference:+.1f} points "
        f"[{100 * one.low:+.1f}, {100 * one.high:+.1f}], {told} (Holm)"
    )

# %% [markdown]
# Nothing is gained here: `fine-tuned` shows no difference (which is not to say that there is none),
# and the two cautious strategies lose. The numbers do not say why. Bear in mind that the head of
# `frozen` is solved for, and those of the others are learned in steps. All of this is about a mean of
# word vectors and 1,000 labels; with more labels, or with a convolution, the picture is another
# ([results](../docs/results.md)).
#
# ## How far words moved
#
# Below the estimator lies `train_classifier`, which takes a matrix and documents as row numbers. It
# never changes the matrix that it is given, so that vectors before and after can be compared.

# %%
texts = Corpus.from_texts(few.texts)
vocabulary = Vocabulary.from_corpus(texts)
matrix = build_matrix(vocabulary, merged, oov="mean")
documents = [vocabulary.encode(words) for words in texts]
classes, numbers = np.unique(few.labels, return_inverse=True)

drift = {}
for strategy in others:
    config = TrainingConfig(strategy=strategy)
    trained = train_classifier(matrix.matrix, documents, numbers, model="mean-idf", config=config)
    drift[strategy] = measure_drift(
        matrix.matrix,
        trained.matrix,
        vocabulary.words,
        counts=vocabulary.counts,
        sources=matrix.provenance.named_sources(),
        n_moved=6,
    )

figure, axes = plt.subplots()
for (strategy, one), marker in zip(drift.items(), "oDs", strict=True):
    bands = [
        f"{band.lowest}" if band.lowest == band.highest
        else f"{band.lowest}–{band.highest}" if band.highest
        else f"{band.lowest}+"
        for band in one.bands
    ]  # fmt: skip
    shifts = [100 * band.movement.mean_shift for band in one.bands]
    axes.plot(bands, shifts, marker=marker, color=f"C{strategies.index(strategy)}", label=strategy)
axes.set(
    yscale="log",
    xlabel="occurrences of the word in the training texts",
    ylabel="mean shift, % of the vector's length",
    title="How far words moved (logarithmic)",
    ylim=(0.02, 60),
)
axes.legend(ncols=3, loc="upper left")
plt.show()

# %% [markdown]
# Adam moves a row by about the same length in each step that it takes part in, however small the
# gradient, so that words which occur once move half as far as those which occur a hundred times, on
# the word of a single text. The strategies differ by orders of magnitude.
#
# Which words moved most under `fine-tuned`, and what are their neighbours now?

# %%
pl.DataFrame(
    [
        {
            "word": word.word,
            "count": word.count,
            "shift, %": 100 * word.shift,
            "neighbours before": ", ".join(word.neighbors_before[:4]),
            "neighbours after": ", ".join(word.neighbors_after[:4]),
        }
        for word in drift["fine-tuned"].moved
    ]
)

# %% [markdown]
# ## Ensembles, briefly
#
# What is trained by gradient errs in part by chance: initial weights, the order of the texts, which
# of them are held out. Averaging the probabilities of several members that differ in nothing else
# takes some of that away, at the price of as many trainings.

# %%
ensemble = train_ensemble(
    matrix.matrix,
    documents,
    numbers,
    n_members=4,
    model="mean-idf",
    config=TrainingConfig(strategy="fine-tuned"),
)
asked = [vocabulary.encode(words) for words in Corpus.from_texts(test.texts)]
right = np.searchsorted(classes, test.labels)
alone = [np.mean(member.predict(asked) == right) for member in ensemble.members]
print("members: ", "  ".join(f"{accuracy:.3f}" for accuracy in alone))
print(f"together: {np.mean(ensemble.predict(asked) == right):.3f}")

# %% [markdown]
# Here it takes nothing away: four trainings of so simple a model hardly differ.
# [Results](../docs/results.md) has a study in which ensembles are put to the test.
#
# That all these figures are below those of the estimator has a reason: test texts hold words that the
# 1,000 training texts lack. The estimator looks them up in the vectors, and here they are `<unk>`.
#
# **Where to go next.** [Your own corpus](05-your-own-corpus.ipynb), or more strategies and encoders
# in [the documentation](../docs/explanation/classifiers.md).
