"""Every place that writes a file is known, and says how a half-written one is kept from being seen.

A new place must write through `atomic_path`, or be listed here with its reason.
"""

import ast
from pathlib import Path

import adapt

PACKAGE = Path(adapt.__file__).parent
WRITING_METHODS = {
    "write_text", "write_bytes", "savefig", "save_file", "write_csv", "write_parquet", "to_csv",
    "tofile", "savez", "savez_compressed", "copyfile", "copytree", "mkstemp", "mkdtemp",
}  # fmt: skip
ELSEWHERE = {
    # the writers of vector files, which `write_vectors` gives a temporary path
    "vectors/native.py": "write_native",
    "vectors/glove_text.py": "write_glove_text",
    "vectors/word2vec_text.py": "write_word2vec_text",
    "vectors/word2vec_binary.py": "write_word2vec_binary",
    "vectors/text_rows.py": "write_rows",
    # a copy in the cache gets its name when it is whole
    "vectors/cache.py": "begin",
    # a download is a ….part until its checksum is right
    "text/transfer.py": "receive",
    # folders for the time of a block: `scratch_folder`, and what is shipped to a worker
    "training/encoded.py": "write_numbers _renumber_file",
    "training/gensim_backend.py": "_write_sentences",
    "experiment/shared.py": "write",
    "cluster/shipping.py": "arrived _write",
    # into memory
    "report/drawing.py": "rendered_drawing",
}


def writes(call):
    """Whether a call may write a file."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in WRITING_METHODS or (name == "save" and getattr(call.func.value, "id", "") == "np"):
        return True
    if name not in ("open", "fdopen"):
        return False
    modes = [*call.args, *(keyword.value for keyword in call.keywords)]
    parts = [part for mode in modes for part in ast.walk(mode)]
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    return any(
        isinstance(text, str) and set(text) & set("wax+") and len(text) < 4 for text in texts
    )


def calls_of(function):
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def test_every_writing_is_atomic_or_has_a_reason():
    unknown, unused = (
        [],
        {(file, one) for file, names in ELSEWHERE.items() for one in names.split()},
    )
    n_atomic = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE).as_posix()
        if file == "files.py":
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            calls = calls_of(function)
            if not any(map(writes, calls)):
                continue
            if any(getattr(call.func, "id", "") == "atomic_path" for call in calls):
                n_atomic += 1
            elif function.name in ELSEWHERE.get(file, "").split():
                unused.discard((file, function.name))
            else:
                unknown.append(f"{file}: {function.name}")
    assert unknown == []
    assert unused == set()
    assert n_atomic > 10
