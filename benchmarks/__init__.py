"""Benchmarks: how fast `adapt` is, beside what one would otherwise use.

``make bench`` (or ``python -m benchmarks`` in the project's folder) measures every part in one
run, contenders taking turns, and writes ``benchmarks/results.md`` with the raw times beside it in
``benchmarks/results.json``. Each comparison names a peer, and gives how many times faster the
others are than it: medians over repeats, each whole process measured in a process of its own, so
that its peak memory is its own too.

Parts, for ``--only``:

- ``reading``: GloVe text against gensim and a plain Python loop
- ``training``: Word2Vec, both backends against gensim, with quality beside speed
- ``partitioned``: sub-models on a Dask cluster, two workers against one, with quality
- ``alignment``: Procrustes and CSLS of all words at the size of GloVe 300 d, as a share of the
  machine's matrix-product peak, and against NumPy at a fifth of it
- ``oov``: vectors for unknown words by spelling, against plain Python and NumPy
- ``classifiers``: frozen vectors against scikit-learn, fine-tuning against plain torch
- ``micro``: alignment, retrieval, matrix, classifiers against plain code (pytest-benchmark)
- ``growth``: times over corpus size, vocabulary and dimension, with fitted exponents
- ``study``: ``adapt run experiments/clinical.toml`` against ``straightforward_study.py``

Figures depend on the machine, which must be idle; ratios within a comparison mostly do not. All
differences below a tenth are noise unless the range of the repeats says otherwise. A part that is
run alone (``--only``) replaces its own tables and leaves the others as they are. To add rows, add
contenders to a part; to add a part, write a module with a `PART` and name it in `__main__.py`.
"""
