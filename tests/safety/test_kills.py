"""Commands that are killed at random moments leave whole files, and can be run again.

The moments are drawn over the time that a command takes undisturbed. The default suite kills a few
commands, `make test-slow` every one of them; ``ADAPT_KILLS=200`` sets how many kills there are in
all in the latter, and interrupts every command besides. Where Ctrl-C falls into Python's own
beginning or end, what is said is not ours: such a moment is to be looked at, and no reason to stop
a change.
"""

import os
import signal
import sys
import time

import numpy as np
import pytest

N_KILLS = int(os.environ.get("ADAPT_KILLS", "24"))


class Killing:
    """Runs of one stage in one folder, killed and finished in turn."""

    def __init__(self, stage, place, undisturbed, whole_only, seed):
        self.stage, self.place, self.undisturbed = stage, place, undisturbed
        self.whole, self.seconds = undisturbed.files(stage.name), undisturbed.seconds(stage.name)
        self.whole_only = whole_only
        self.generator = np.random.default_rng(seed)
        self.facts = {"killed": 0, "too late": 0, "half-written": 0, "partly done": 0}

    def begin(self, number):
        """Start from nothing, or from older files in the place of single ones."""
        place = self.place()
        self.undisturbed.prepare(place, self.stage.name)
        if number % 2:
            for name in self.whole:
                if "/" not in name and name not in place.files():
                    (place.work / name).write_bytes(b"an older version\n")
        return place

    def kill(self, place):
        """Kill the command at a random moment; look at what it left."""
        before, kept = place.files(), place.kept()
        moment = self.generator.uniform(0, self.seconds)
        outcome = place.run(*self.stage.command, after=moment)
        if outcome.status == 0:
            self.facts["too late"] += 1
            return False
        assert outcome.status == -signal.SIGKILL, outcome.said
        files = place.files()
        self.whole_only(files, self.whole, before)
        assert kept <= place.kept()  # nothing that was computed is lost
        self.facts["killed"] += 1
        self.facts["half-written"] += any(
            "/." in f"/{name}" and name[-5:] != ".lock" for name in files
        )
        self.facts["partly done"] += len({*files} - {*before}) > 0 and {*files} != {*self.whole}
        return True

    def finish(self, place):
        """Run the command to its end: as if nothing had happened, and nothing is left over."""
        begun = time.monotonic()
        outcome = place.run(*self.stage.command)
        self.seconds = min(self.seconds, time.monotonic() - begun)
        assert outcome.status == 0, outcome.said
        assert "damaged" not in outcome.said
        files = place.files()
        assert {*files} == {*self.whole}
        self.whole_only(files, self.whole)
        assert place.left_over() == []


def killed(killing, n_kills):
    """Kill a stage so often, and finish it after every one to three kills."""
    number = 0
    while killing.facts["killed"] < n_kills:
        place = killing.begin(number)
        for _ in range(1 + number % 3):
            if killing.facts["killed"] == n_kills or not killing.kill(place):
                break
        killing.finish(place)
        number += 1
    return killing.facts


@pytest.fixture
def killing(stages, place, undisturbed, whole_only):
    return lambda name, seed: Killing(stages[name], place, undisturbed, whole_only, seed)


@pytest.mark.parametrize(("stage", "seed"), [("train", 1), ("merge", 2)])
def test_a_command_that_is_killed_leaves_whole_files_and_can_be_run_again(killing, stage, seed):
    assert killed(killing(stage, seed), 1)["killed"] == 1


@pytest.mark.slow
def test_every_command_can_be_killed_at_any_moment(killing, stages, capsys):
    shares = np.diff(np.linspace(0, N_KILLS, len(stages) + 1).astype(int))
    told, total = [], 0
    for seed, (name, n_kills) in enumerate(zip(stages, shares.tolist(), strict=True)):
        one = killing(name, seed)
        facts = killed(one, n_kills)
        total += facts["killed"]
        told.append(f"{name}: {one.seconds:.1f} s, {facts}")
        with capsys.disabled():
            sys.stdout.write(f"\n{told[-1]}")
            sys.stdout.flush()
    assert total == N_KILLS


@pytest.mark.slow
@pytest.mark.skipif("ADAPT_KILLS" not in os.environ, reason="before a release: ADAPT_KILLS=200")
@pytest.mark.parametrize("seed", [0, 1])
def test_every_command_can_be_interrupted_at_any_moment(
    stages, place, undisturbed, whole_only, seed
):
    generator = np.random.default_rng(seed)
    for name, stage in stages.items():
        one = place()
        undisturbed.prepare(one, name)
        before, whole = one.files(), undisturbed.files(name)
        moment = generator.uniform(0.3, 1.0) * undisturbed.seconds(name)
        outcome = one.run(*stage.command, after=moment, send=signal.SIGINT)
        # before the first line of ours and after the last, Python dies of the signal
        assert outcome.status in (0, 130, -signal.SIGINT), (name, moment, outcome)
        if outcome.status == 130:
            assert outcome.said.splitlines()[-1] == "adapt: interrupted"
        assert "Traceback" not in outcome.said, (name, moment, outcome.said)
        whole_only(one.files(), whole, before)
        assert one.left_over() == [], name
        outcome = one.run(*stage.command)
        assert outcome.status == 0, outcome.said
        whole_only(one.files(), whole)
