# %% [markdown]
# # How good is an alignment?
#
# Two trainings of word vectors know nothing of each other: their axes mean different things, and a
# cosine between a vector of one and a vector of the other is noise. An *alignment* is a map from the
# in-domain space to the general one, found from words that both have (*anchors*). Any such map can
# be computed; whether it is any good has to be measured on words that it was not fitted on.
#
# [Methods of alignment](../docs/explanation/alignment.md) says what each method computes.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from sklearn.decomposition import PCA

from adapt import AdaptWarning, Corpus, read_vectors, shared_anchors, train_word2vec
from adapt.alignment import AnchorSelection, aligner_named, nearest, select_anchors
from adapt.evaluation import (
    QualityTest,
    alignment_baselines,
    alignment_quality,
    isometry,
    learning_curve,
)
from adapt.text import load_dataset
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
# ## Two spaces
#
# The in-domain vectors are trained on the unlabelled clinical text that comes with the packages:
# the Human Phenotype Ontology and ICD-10-CM, 1.7 million tokens. The general ones are GloVe's of 50
# dimensions.

# %%
corpus = Corpus.from_texts(load_dataset("clinical").corpus)
domain = train_word2vec(corpus, Word2VecConfig(dim=100, window=15, epochs=5, seed=0))
general = read_vectors("glove.6B.50d")
print(domain)
print(general)

# %% [markdown]
# ## Anchors
#
# Every word that both spaces spell alike is a candidate. Rare words have noisy vectors, so the most
# frequent ones are taken, without stop words, and a thousand of them are held out: the map never
# sees these. `min_overlap=0` rejects nothing, but has the neighbours of each word compared in both
# spaces, which will be of use at the end.

# %%
candidates = shared_anchors(domain, general)
rules = AnchorSelection(
    limit=5000, min_count=5, exclude_stop_words=True, min_overlap=0, n_neighbors=200
)
selected = select_anchors(domain, general, candidates, rules)
fitted, held_out = selected.anchors.split(held_out=1000, seed=0)
print(f"{len(candidates):,} candidates, {len(fitted):,} anchors, {len(held_out):,} held out")
print("most frequent:", ", ".join(fitted.domain[:12]))

# %% [markdown]
# ## How alike are the two spaces in themselves?
#
# No map is needed to ask that: a rotation changes no cosine, so that two spaces which a rotation
# could bring together have the same cosines among the same words.

# %%
alike = isometry(domain, general, fitted)
relational = alike.relational_similarity
print(
    f"correlation of the cosines among {alike.n_words:,} words: "
    f"{relational.value:.2f} [{relational.low:.2f}, {relational.high:.2f}]"
)

# %% [markdown]
# Copies would have 1, strangers 0. The spaces have something in common, but not much: a small corpus
# makes noisy vectors, and many words do mean something else in a clinic. Do not expect miracles of
# any map.

# %% [markdown]
# ## Precision on held-out words
#
# Each held-out in-domain word is mapped, and looked for among the 20,000 most frequent words of
# GloVe. *P@k* is the share of words that are found among the first k. Nearest neighbours by cosine
# suffer from *hubs*, words that are near to everything; *CSLS* discounts them (Lample et al. 2018).
#
# Three baselines know nothing: no map at all, a random rotation, and a map that was fitted on
# shuffled anchors. A method that does not beat them has learned nothing.

# %%
test = QualityTest(domain=domain, general=general, held_out=held_out, n_candidates=20_000)
methods = ("procrustes", "refined", "ridge", "cca", "kernel-ridge")
aligners = {name: aligner_named(name).fit(domain, general, fitted) for name in methods}
measured = [alignment_quality(aligner, test) for aligner in aligners.values()]
measured += alignment_baselines(aligners["procrustes"], test)

pl.DataFrame(
    [
        {
            "map": one.method,
            "mean cosine": one.mean_cosine.value,
            "P@1, %": 100 * one.precision("csls", 1).scored.value,
            "P@10, %": 100 * one.precision("csls", 10).scored.value,
            "P@10 without CSLS, %": 100 * one.precision("nearest", 10).scored.value,
            "hubness": one.hubness.value,
            "condition number": one.condition_number,
        }
        for one in measured
    ]
)

# %%
figure, axes = plt.subplots(figsize=(7.5, 3.6))
for place, one in enumerate(measured[::-1]):
    precision = one.precision("csls", 10).scored
    baseline = one.method not in methods
    axes.errorbar(
        100 * precision.value,
        place,
        xerr=[
            [100 * (precision.value - precision.low)],
            [100 * (precision.high - precision.value)],
        ],
        marker="o",
        markerfacecolor="white" if baseline else "C0",
        color="C6" if baseline else "C0",
        capsize=3,
    )
axes.set_yticks(range(len(measured)), [one.method for one in measured[::-1]])
axes.set(
    xlabel="P@10 by CSLS in %, with 95 % interval over the held-out words",
    title="Methods (blue) and baselines that know nothing (grey)",
)
axes.set_xlim(left=-1)
plt.show()

# %% [markdown]
# Two things are worth seeing. All methods are far from the baselines, and all are far from perfect.
# And the method that finds most words is not the one to merge spaces by: a map with a large
# condition number, or one that bends, stretches some directions and flattens others. Orthogonal maps
# (`procrustes` and its relatives, condition number 1) keep all that the in-domain vectors know, which
# is what a classifier lives on. The [README](../README.md) has accuracies for both kinds.
#
# ## Hubs
#
# The *hubness* in the table is the skewness of how often each general word is among the 10 nearest
# of a mapped word. Larger is worse. Here are the largest hubs of the orthogonal map:

# %%
procrustes = aligners["procrustes"]
searched = general.head(20_000)
rows, _ = nearest(
    procrustes.normalized_domain(domain.head(5000)), procrustes.normalized_general(searched), 10
)
occurrences = np.bincount(rows.ravel(), minlength=len(searched))
for row in np.argsort(-occurrences, kind="stable")[:8]:
    print(f"{searched.words[row]:20} among the 10 nearest of {occurrences[row]:4} of 5,000 words")
print(f"\n{np.mean(occurrences == 0):.0%} of the general words are near to none of them")

# %% [markdown]
# ## How many anchors does it take?
#
# Three of the methods, fitted on ever larger random parts of the anchors. The curve begins at 50,
# which do not determine a rotation of 50 dimensions (centring costs one of them). The library warns
# of that; here it is known.

# %%
warnings.filterwarnings("ignore", message="the anchors span only", category=AdaptWarning)
compared = ("procrustes", "ridge", "kernel-ridge")
points = learning_curve([aligners[name] for name in compared], fitted, test, n_points=5)

figure, axes = plt.subplots()
for name, marker in zip(compared, "osD", strict=True):
    own = [point for point in points if point.method == name]
    precisions = [point.precision("csls", 10).scored for point in own]
    sizes = [point.n_anchors for point in own]
    axes.plot(sizes, [100 * p.value for p in precisions], marker=marker, label=name)
    axes.fill_between(
        sizes, [100 * p.low for p in precisions], [100 * p.high for p in precisions], alpha=0.15
    )
axes.set(
    xscale="log",
    xlabel="anchors (logarithmic)",
    ylabel="P@10 by CSLS, %",
    title="Learning curves, with 95 % intervals",
    ylim=(0, None),
)
axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
axes.minorticks_off()
axes.legend()
plt.show()

# %% [markdown]
# A rotation has few degrees of freedom, and levels off first. The kernel method has as many as there
# are anchors, and still learns from the last of them. With a few hundred anchors all methods find
# much less than with thousands: do not be too choosy about anchors.
#
# ## Neighbours across the spaces
#
# What GloVe words are next to a mapped clinical word? Below, words that GloVe does not have at all,
# and their neighbours in it.

# %%
lacking = [
    word for word in domain.words if word not in general and word.isalpha() and len(word) > 5
]
asked = domain.select(lacking[:10])
rows, cosines = nearest(
    procrustes.normalized_domain(asked), procrustes.normalized_general(searched), 5
)
pl.DataFrame(
    [
        {
            "in-domain word": word,
            "nearest general words": ", ".join(searched.words[row] for row in near),
            "highest cosine": float(cosine[0]),
        }
        for word, near, cosine in zip(asked.words, rows, cosines, strict=True)
    ]
)

# %% [markdown]
# Some of these are right (*nontraffic* accidents happen on bicycles), some are about the right part of
# the body, and some are what a rough map of rare words gives: *comminuted* fractures have nothing to
# do with golf. P@10 said as much.
#
# ## Before and after, in two dimensions
#
# The picture shows 13 words twice: in GloVe (circles) and in the in-domain space (triangles), both
# normalised as the aligner does it. The two axes are the first principal components of these general
# vectors. Before alignment the in-domain vectors are put in as they are, their first 50 dimensions;
# afterwards, as the map has them. A line joins each word with itself. Two dimensions of fifty show
# little of the whole, so the mean cosine over *all* held-out words stands above each picture.

# %%
words = ["heart", "lung", "kidney", "liver", "fracture", "wound", "burn", "infection", "tumor"]
words += ["seizure", "tremor", "retina", "cornea"]
theirs = procrustes.normalized_general(general.select(words))
plane = PCA(2, random_state=0).fit(theirs)
unmapped = aligner_named("identity").fit(domain, general, fitted)
stages = {"Before alignment": unmapped, "After alignment": procrustes}

figure, panels = plt.subplots(1, 2, figsize=(9, 4.6), sharex=True, sharey=True)
for axes, (title, aligner) in zip(panels, stages.items(), strict=True):
    ours = plane.transform(aligner.normalized_domain(domain.select(words)))
    there = plane.transform(theirs)
    cosine = next(one.mean_cosine.value for one in measured if one.method == aligner.name)
    for word, a, b in zip(words, there, ours, strict=True):
        axes.plot(*zip(a, b, strict=True), color="C6", linewidth=0.8, zorder=1)
        axes.annotate(word, a, xytext=(4, 4), textcoords="offset points", fontsize=8)
    axes.plot(*there.T, "o", color="C0", label="general")
    axes.plot(*ours.T, "^", color="C1", label="in-domain")
    axes.set(
        title=f"{title} (mean cosine {cosine:z.2f})",
        xlabel="first principal component",
    )
panels[0].set_ylabel("second principal component")
panels[1].legend(loc="best")
plt.show()

# %% [markdown]
# ## Words that mean something else
#
# Anchors rest on the assumption that a word spelled alike means the same. For each one, the overlap
# of its neighbours in both spaces says how far that holds, without any map. Frequent words with the
# least overlap:

# %%
overlap = {c.domain: c.overlap for c in selected.changed(10)}
changed = list(overlap)
shared = general.select([word for word in domain.words if word in general and word.isalpha()])
spaces = {"in-domain neighbours": domain.select(shared.words), "general neighbours": shared}
near = {
    title: nearest(space.select(changed).matrix, space.matrix, 5)[0][:, 1:]
    for title, space in spaces.items()
}
pl.DataFrame(
    [
        {"word": word, "overlap": overlap[word]}
        | {title: ", ".join(shared.words[row] for row in rows[i]) for title, rows in near.items()}
        for i, word in enumerate(changed)
    ]
)

# %% [markdown]
# Chance alone would give strangers an overlap of

# %%
print(f"{selected.chance_overlap:.3f}")

# %% [markdown]
# so the words above have no more in common than any two words. *Media* are those of the ear here, and
# something is *digital* if it belongs to a finger. Not all of them *mean* something else: in ICD-10-CM
# some words only ever stand in the same few phrases, which is a property of the text. Read the list as places to look at, as you would a list of outliers.
#
# **Where to go next.** [Out-of-vocabulary words](03-out-of-vocabulary.ipynb) gives vectors to words
# that neither space has. [Merge policies](../docs/explanation/merging.md) says what becomes of words
# that both have.
