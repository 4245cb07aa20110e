"""What a run of the benchmarks was asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import call, run_once

__all__ = ["GENERAL", "Settings"]

GENERAL = "glove.6B.50d"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a run of the benchmarks was asked for.

    Parameters
    ----------
    repeats : int
        Of every measurement that does not take minutes.
    quick : bool
        Sizes and settings that show that everything works, and nothing else.
    work : Path
        Folder for made files; they are kept for the next run.
    corpus : tuple of Path
        Texts to train on; the clinical dataset's unlabelled texts without any.
    pairs : Path, optional
        Scored pairs of terms, see `adapt.evaluation.read_pairs`.
    """

    repeats: int
    quick: bool
    work: Path
    corpus: tuple[Path, ...] = ()
    pairs: Path | None = None

    def announce(self, line: str) -> None:
        """Say what is going on, on stderr."""
        sys.stderr.write(f"  {line}\n")
        sys.stderr.flush()

    def general_text(self) -> Path:
        """Give the general vectors as a GloVe text file, made when there is none."""
        path = self.work / f"{GENERAL}.txt"
        if not path.exists():
            self.announce(f"writing {path}")
            run_once(call("benchmarks.inputs:write_general", name=GENERAL, path=str(path))(0))
        return path

    def tokens(self) -> Path:
        """Give the training corpus as a text file, words separated by spaces; made anew."""
        path = self.work / "tokens.txt"
        self.announce(f"writing {path}")
        files = [str(file) for file in self.corpus]
        run_once(call("benchmarks.inputs:write_tokens", files=files, path=str(path))(0))
        return path

    def clinical_task(self, embeddings: Sequence[str], epochs: int) -> Path:
        """Give the clinical task as a file for `ClinicalTask.read`, made when there is none."""
        path = self.work / f"clinical-{epochs}-epochs.npz"
        if not path.exists():
            self.announce(f"writing {path}")
            command = call(
                "benchmarks.clinical_task:write_task",
                path=str(path),
                embeddings=embeddings,
                epochs=epochs,
            )
            run_once(command(0))
        return path

    def made_corpus(self, n_tokens: int, n_words: int) -> Path:
        """Give a made corpus, made when there is none."""
        path = self.work / f"made-{n_tokens}-{n_words}.txt"
        if not path.exists():
            self.announce(f"writing {path}")
            command = call(
                "benchmarks.made_corpus:write_corpus",
                path=str(path),
                n_tokens=n_tokens,
                n_words=n_words,
            )
            run_once(command(0))
        return path

    def made_vectors(self, n_words: int, dim: int) -> Path:
        """Give made vectors as a GloVe text file, made when there are none."""
        path = self.work / f"vectors-{n_words}-{dim}.txt"
        if not path.exists():
            self.announce(f"writing {path}")
            command = call(
                "benchmarks.inputs:write_numbers", path=str(path), n_words=n_words, dim=dim
            )
            run_once(command(0))
        return path

    def made_spaces(self, n_general: int, n_domain: int, dim: int) -> Path:
        """Give a folder with made spaces, made when there is none."""
        path = self.work / f"spaces-{n_general}-{n_domain}-{dim}"
        if not path.exists():
            self.announce(f"writing {path}")
            command = call(
                "benchmarks.made_spaces:write_spaces",
                folder=str(path),
                n_general=n_general,
                n_domain=n_domain,
                dim=dim,
            )
            run_once(command(0))
        return path
