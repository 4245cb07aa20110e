# %% [markdown]
# # Words without a vector
#
# Whatever vectors you take, some words of your texts have none: names, rare terms, typing errors.
# This notebook counts them, gives them vectors in several ways, and measures how good these are.
#
# [Words without a vector](../docs/explanation/oov.md) says what each strategy computes.

# %%
import matplotlib.pyplot as plt
import numpy as np
import polars as pl

from adapt import (
    Corpus,
    Procrustes,
    Vocabulary,
    build_matrix,
    merge,
    read_vectors,
    shared_anchors,
    train_word2vec,
)
from adapt.classifiers import HybridEmbedding, TrainingConfig, train_classifier
from adapt.evaluation import hidden_words, oov_difference, oov_quality, oov_rate
from adapt.oov import strategy_named
from adapt.oov.recall import RecallEncoder
from adapt.text import load_dataset, with_typos
from adapt.training import Word2VecConfig

plt.style.use("notebooks.mplstyle")
_ = pl.Config(
    tbl_hide_dataframe_shape=True,
    tbl_hide_column_data_types=True,
    fmt_str_lengths=200,
    tbl_rows=30,
    float_precision=2,
)

# %% [markdown]
# ## How many, and which?
#
# The texts are definitions of phenotypes (see [the first notebook](01-first-study.ipynb)). The
# vectors are GloVe's, our own of the clinical corpus, and both merged after alignment.

# %%
clinical = load_dataset("clinical")
corpus = Corpus.from_texts(clinical.corpus)
train, test = (Corpus.from_texts(part.texts) for part in (clinical.train, clinical.test))

general = read_vectors("glove.6B.50d")
domain = train_word2vec(corpus, Word2VecConfig(dim=100, window=15, epochs=5, seed=0))
anchors = shared_anchors(domain, general).subset(range(5000))
aligner = Procrustes(space="domain").fit(domain, general, anchors)
merged = merge(aligner.transform_general(general), aligner.transform(domain), "domain_first")

test_counts = test.word_counts()
rates = [
    oov_rate(test_counts, vectors, name=name, split="test")
    for name, vectors in {"general": general, "domain": domain, "merged": merged}.items()
]
pl.DataFrame(
    [
        {
            "vectors": rate.vectors,
            "types, %": 100 * rate.type_rate,
            "tokens, %": 100 * rate.token_rate,
            "most frequent of them": ", ".join(word for word, _ in rate.most_frequent_missing[:5]),
        }
        for rate in rates
    ]
)

# %% [markdown]
# ## A chain of strategies
#
# Some strategies know a good answer for a few words: `related` looks for another form of the word,
# such as its singular, its American spelling, or what it may be a misspelling of. Others know a fair
# one for most: `subword` learns what runs of characters mean. `mean` has an answer for all, and it
# says nothing. A *chain* asks them in that order. It learns from the vectors and, to tell rare words
# from misspelt ones, from the unlabelled corpus; never from test texts.

# %%
chain = strategy_named("related,subword,mean").fit(merged, corpus)
rate = oov_rate(test_counts, merged, name="merged", split="test", oov=chain)
for link in rate.links:
    print(f"{link.link:8} serves {link.n_types:4} words that occur {link.n_tokens:4} times")

# %% [markdown]
# A strategy says of each word what it did, and how far it trusts that.

# %%
asked = ["hypotonias", "abnormlaity", "seziure", "retinopathic", "xqzvj"]
filled = chain.fill(asked)
pl.DataFrame(
    {
        "word": asked,
        "step": filled.steps,
        "confidence": filled.confidences.tolist(),
    }
)

# %% [markdown]
# *seziure* is too short to be corrected: among short words, those one letter apart are mostly
# different words. What `subword` makes of it has little confidence, as is right.

# %% [markdown]
# ## Hidden words, rebuilt
#
# How good are such vectors? For a word that has none, nobody knows. So known words are hidden, the
# strategies learn from what remains, and what they make of the hidden words is compared with the
# truth: by the *cosine* with the true vector (both centred, so that the mean scores 0), and by
# *P@10*, the share of words that are among the ten nearest to what was made of them. The vectors are
# GloVe's here, its 100,000 most frequent words.

# %%
known = general.head(100_000)
hidden = hidden_words(known, corpus.word_counts(), n=1000, seed=0)
names = (
    "zeros",
    "mean",
    "related",
    "subword",
    "context",
    "related,subword,mean",
    "related+subword+context,mean",
)
quality = {name: oov_quality(strategy_named(name), known, hidden, corpus) for name in names}

figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
for axes, title, scores in (
    (panels[0], "mean cosine", [one.of_all.cosine for one in quality.values()]),
    (panels[1], "P@10", [one.of_all.precision_at_10 for one in quality.values()]),
):
    values = np.array([score.value for score in scores])
    ends = np.array([(score.low, score.high) for score in scores])
    places = np.arange(len(names))[::-1]
    axes.barh(places, values, color=["C6"] * 2 + ["C0"] * 3 + ["C1"] * 2, height=0.65)
    axes.hlines(places, ends[:, 0], ends[:, 1], color="black", linewidth=1.2)
    axes.set(xlabel=f"{title}, with 95 % interval")
    axes.grid(axis="y", visible=False)
panels[0].set_yticks(places, names)
panels[0].set_title("Hidden words, rebuilt")
plt.show()

# %% [markdown]
# Grey are guesses that know nothing, blue single strategies, orange combinations. That zeros do not
# have a cosine of exactly 0 says nothing of them: once the mean is subtracted, zero is a direction
# like any other. P@10 is not taken in by that.
#
# A comma makes a chain, in which the first that has something wins; a plus sign makes a *blend* of
# directions. Whether the blend really is better than `subword` alone is a question about the same
# hidden words, so it is answered pairwise:

# %%
for name in names[-2:]:
    gain = oov_difference(quality[name], quality["subword"])
    for measure, one in {"cosine": gain.cosine, "P@10": gain.precision_at_10}.items():
        interval = f"[{one.low:+.3f}, {one.high:+.3f}]"
        print(f"{name:28} − subword, {measure:6} {one.difference:+.3f} {interval}")

# %% [markdown]
# The chain gains a little over `subword` in both measures. The blend comes clearly closer to the true
# vectors, but an advantage in P@10 is not shown: closer on average is not the same as close enough to
# be found.
#
# ## Where every row of a matrix came from
#
# `build_matrix` gives each word of a vocabulary a row, and keeps account of it: the source, what a
# strategy did, and the confidence. A classifier can use that, for instance to fine-tune invented
# vectors more carefully, and so can you, when a word behaves oddly.

# %%
vocabulary = Vocabulary.from_corpus(train)
matrix = build_matrix(vocabulary, merged, oov=chain, corpus=corpus, general=general)
provenance = matrix.provenance
print(matrix)
print("sources:", provenance.source_counts())
pl.DataFrame(
    [
        {"step": step, "words": n, "example": vocabulary.words[provenance.steps.index(step, 2)]}
        for step, n in provenance.step_counts().items()
    ]
)

# %% [markdown]
# ## Typing errors
#
# A misspelt word is a word without a vector, too. `with_typos` makes typing errors as fingers make
# them on a keyboard. How far does an accuracy fall when a share of the test words is misspelt, and
# how much of it can be saved?
#
# The *hybrid layer* represents words that the vocabulary lacks by the known words that are spelled
# most alike; its head learns from some misspelt copies of the training texts how far that can be
# trusted. Both classifiers below are trained on the same 1,000 labels.

# %%
chosen = np.random.default_rng(0).permutation(len(clinical.train))[:1000]
classes, labels = np.unique(clinical.train.labels, return_inverse=True)
_, test_labels = np.unique(clinical.test.labels, return_inverse=True)
train_words, test_words = list(train), list(test)[:1500]
words_of_training = [train_words[row] for row in chosen]
options = {"model": "mean-idf", "config": TrainingConfig(strategy="frozen")}

plain = train_classifier(
    matrix.matrix,
    [vocabulary.encode(words) for words in words_of_training],
    labels[chosen],
    **options,
)
encoder = RecallEncoder(vocabulary.words[2:], matrix.matrix[2:], vocabulary.counts[2:])
hybrid = train_classifier(
    HybridEmbedding(matrix.matrix, vocabulary, encoder, freeze=True),
    words_of_training,
    labels[chosen],
    typos=0.1,
    **options,
)

# %%
shares = (0, 0.1, 0.2, 0.3, 0.4)
accuracy = {"plain layer": [], "hybrid layer": []}
for share in shares:
    misspelt = with_typos(test_words, share, seed=0)
    rows = [vocabulary.encode(words) for words in misspelt]
    right = test_labels[: len(misspelt)]
    accuracy["plain layer"].append(np.mean(plain.predict(rows) == right))
    accuracy["hybrid layer"].append(np.mean(hybrid.predict(misspelt) == right))

figure, axes = plt.subplots()
for (name, values), marker in zip(accuracy.items(), "os", strict=True):
    axes.plot([100 * share for share in shares], values, marker=marker, label=name)
    axes.annotate(f"{values[-1]:.2f}", (40, values[-1]), xytext=(8, -4), textcoords="offset points")
axes.set(
    xlabel="misspelt words, % of each test text",
    ylabel=f"accuracy on {len(test_words):,} test texts",
    title="Accuracy when words are misspelt",
)
axes.set_xticks([100 * share for share in shares])
axes.legend()
plt.show()

# %% [markdown]
# This is one training of each on one sample of labels, so do not read the second decimal. The shape
# is what matters: the plain layer loses with every misspelt word, the hybrid one hardly does, and on
# clean text it costs little or nothing. Only words of four letters or more were misspelt, by one
# error each.
#
# **Where to go next.** [Fine-tuning](04-fine-tuning.ipynb) trains the vectors themselves.
