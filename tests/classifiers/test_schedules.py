"""Schedules: which part learns in which epoch, and at what rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers import LearningRates, Schedule, TrainingConfig, schedule_of, strategy_names
from adapt.errors import InputError


def rates(embedding, rare, encoder, head):
    return LearningRates(embedding=embedding, rare=rare, encoder=encoder, head=head)


def found(strategy, epochs, **options):
    schedule = schedule_of(TrainingConfig(**{"strategy": strategy, "decay": False, **options}))
    return [schedule.rates(epoch) for epoch in epochs]


ALONE = rates(0, 0, 2e-3, 2e-3)
ALL = rates(1e-3, 1e-3, 2e-3, 2e-3)
EXPECTED = {
    "frozen": {1: ALONE, 30: ALONE},
    "fine-tuned": {1: ALL, 30: ALL},
    "discriminative": {1: rates(1e-5, 1e-5, 1e-3, 1e-3)},
    "two-stage": {1: ALONE, 2: ALONE, 3: rates(1e-4, 1e-4, 2e-3, 2e-3)},
    "gradual": {1: rates(0, 0, 0, 2e-3), 2: rates(0, 0, 0, 2e-3), 3: ALONE, 4: ALONE, 5: ALL},
    "penalised": {1: ALL, 30: ALL},
    "by-frequency": {1: rates(1e-3, 1e-4, 2e-3, 2e-3)},
}


@pytest.mark.parametrize("strategy", strategy_names())
def test_rates_are_those_that_the_strategy_is_described_by(strategy):
    expected = EXPECTED[strategy]
    assert found(strategy, expected, frozen_epochs=2) == list(expected.values())


NAMED = {"learning_rate": 0.5, "embedding_learning_rate": 0.25, "rare_learning_rate": 0.125}


@pytest.mark.parametrize("strategy", strategy_names())
def test_rates_that_are_named_hold_in_every_epoch_in_which_a_part_learns(strategy):
    named = {"embedding": 0.25, "rare": 0.125, "encoder": 0.5, "head": 0.5}
    epochs = range(1, 31)
    for here, usual in zip(found(strategy, epochs, **NAMED), found(strategy, epochs), strict=True):
        for part, rate in vars(usual).items():
            assert getattr(here, part) == (named[part] if rate else 0.0)


@pytest.mark.parametrize("strategy", strategy_names())
def test_parts_are_unfrozen_one_after_the_other_and_never_frozen_again(strategy):
    before: set[str] = set()
    for here in found(strategy, range(1, 31)):
        learning = {part for part, rate in vars(here).items() if rate > 0}
        assert learning >= before
        assert "head" in learning
        before = learning
    assert ("embedding" in before) == (strategy != "frozen")
    assert schedule_of(TrainingConfig(strategy=strategy)).trains_embedding == ("rare" in before)


@pytest.mark.parametrize("strategy", strategy_names())
@given(max_epochs=st.integers(7, 50))
def test_decay_falls_linearly_from_the_first_epoch_to_zero_after_the_last(strategy, max_epochs):
    epochs = range(1, max_epochs + 1)
    falling = found(strategy, epochs, decay=True, max_epochs=max_epochs)
    staying = found(strategy, epochs, decay=False, max_epochs=max_epochs)
    for epoch, here, level in zip(epochs, falling, staying, strict=True):
        share = (max_epochs + 1 - epoch) / max_epochs
        for part, rate in vars(level).items():
            assert getattr(here, part) == pytest.approx(share * rate, rel=1e-9)
            assert (getattr(here, part) > 0) == (rate > 0)
    schedule = schedule_of(TrainingConfig(strategy=strategy, max_epochs=max_epochs))
    assert schedule.rates(max_epochs + 1) == rates(0, 0, 0, 0)


@pytest.mark.parametrize("strategy", strategy_names())
def test_a_scaled_schedule_has_all_rates_scaled(strategy):
    schedule = schedule_of(TrainingConfig(strategy=strategy, max_epochs=12))
    scaled = schedule.scaled(0.5)
    for epoch in range(1, 13):
        assert scaled.rates(epoch) == schedule.rates(epoch).scaled(0.5)
    assert (scaled.pull, scaled.last_start) == (schedule.pull, schedule.last_start)


def test_only_the_penalised_strategy_pulls():
    pulls = {name: schedule_of(TrainingConfig(strategy=name)).pull for name in strategy_names()}
    assert {name for name, pull in pulls.items() if pull} == {"penalised"}
    config = TrainingConfig(strategy="penalised", pull=0.3)
    assert schedule_of(config).pull == 0.3


def test_the_last_stage_begins_when_the_others_are_over():
    starts = {
        name: schedule_of(TrainingConfig(strategy=name, frozen_epochs=4)).last_start
        for name in strategy_names()
    }
    assert starts == {
        name: {"two-stage": 5, "gradual": 9}.get(name, 1) for name in strategy_names()
    }


@pytest.mark.parametrize(("strategy", "start"), [("two-stage", 6), ("gradual", 11)])
def test_a_last_stage_that_would_never_begin_is_an_error(strategy, start):
    config = TrainingConfig(strategy=strategy, frozen_epochs=5, max_epochs=start - 1)
    with pytest.raises(InputError, match=f"{strategy}.*in epoch {start}, but max_epochs"):
        schedule_of(config)
    assert schedule_of(TrainingConfig(strategy=strategy, frozen_epochs=5, max_epochs=start))


@pytest.mark.parametrize("firsts", [(), (2,), (0,), (1, 1), (1, 4, 3)])
def test_stages_that_do_not_follow_each_other_from_the_first_epoch_are_refused(firsts):
    with pytest.raises(InputError, match="stages begin in epochs"):
        Schedule(tuple((first, ALL) for first in firsts))


def test_a_near_miss_of_a_name_is_told():
    with pytest.raises(InputError, match="strategy is 'fine-tune'; did you mean 'fine-tuned'?"):
        TrainingConfig(strategy="fine-tune")
    with pytest.raises(InputError, match="choose from frozen, fine-tuned"):
        TrainingConfig(strategy="???")


def test_the_rates_of_words_can_be_scaled_besides():
    rates = schedule_of(TrainingConfig(strategy="by-frequency")).rates(1)
    scaled = rates.scaled(2.0, words=10.0)
    assert scaled.embedding == pytest.approx(20 * rates.embedding)
    assert scaled.rare == pytest.approx(20 * rates.rare)
    assert (scaled.encoder, scaled.head) == (2 * rates.encoder, 2 * rates.head)
