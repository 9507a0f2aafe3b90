"""Which weights learn, how fast and when, and how their average follows."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from cyclorama.detect.settings import TrainSettings
from cyclorama.detect.training.averaging import Averaged
from cyclorama.detect.training.optimization import LAST_RATE, freeze, optimizer_of, rate_share, set_training

pytestmark = pytest.mark.train

STAGES = (("early.",), ("late.",))
SETTINGS = TrainSettings(weights="none").resolved()
STEPS, PER_EPOCH = 200, 20


def part():
    return nn.Sequential(nn.Conv2d(1, 1, 3), nn.BatchNorm2d(1))


@pytest.fixture
def network():
    return nn.ModuleDict({"early": part(), "late": part(), "head": part()})


def shares(**changed):
    own = replace(SETTINGS, **changed)
    return [rate_share(own, step, STEPS, PER_EPOCH) for step in range(STEPS)]


@pytest.mark.parametrize("schedule", ["cosine", "step", "constant"])
def test_every_schedule_begins_with_a_warm_up_to_the_full_rate_and_never_rises_again(schedule):
    own = shares(schedule=schedule, step_epochs=3)
    top = own.index(1.0)
    assert own[:top] == sorted(own[:top])
    assert own[0] < 0.1
    assert own[top:] == sorted(own[top:], reverse=True)


def test_the_rate_is_a_tenth_after_so_many_epochs():
    own = shares(schedule="step", step_epochs=3)
    assert own[3 * PER_EPOCH - 1] == 1
    assert own[3 * PER_EPOCH] == pytest.approx(0.1)
    assert own[6 * PER_EPOCH] == pytest.approx(0.01)
    assert shares(schedule="constant")[-1] == 1
    assert shares(schedule="cosine")[-1] == pytest.approx(LAST_RATE, abs=1e-3)


def test_a_run_of_a_single_step_takes_it_at_the_full_rate():
    assert rate_share(SETTINGS, 0, 1, 1) == 1


@pytest.mark.parametrize(("count", "learning"), [(0, "early late head"), (1, "late head"), (2, "head"), (-1, "head")])
def test_frozen_stages_neither_learn_nor_count(network, count, learning):
    for before in (2, 0):
        freeze(network, STAGES, before)
        freeze(network, STAGES, count)
        set_training(network, STAGES, count)
        assert {name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad} == set(
            learning.split()
        )
        assert {name for name in network if network[name][1].training} == set(learning.split())


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_each_earlier_stage_learns_more_slowly_and_biases_and_norms_do_not_decay(network, optimizer):
    own = replace(SETTINGS, optimizer=optimizer, layer_decay=0.5)
    groups = optimizer_of(network, STAGES, own, rate=0.2, weight_decay=0.01).param_groups
    names = {id(p): name for name, p in network.named_parameters()}
    found = {names[id(p)]: (g["lr"], g["share"], g["weight_decay"]) for g in groups for p in g["params"]}
    assert found.keys() == set(names.values())
    for stage, share in (("early", 0.25), ("late", 0.5), ("head", 1.0)):
        assert found[f"{stage}.0.weight"] == (pytest.approx(0.2 * share), share, 0.01)
        for name in ("0.bias", "1.weight", "1.bias"):
            assert found[f"{stage}.{name}"] == (pytest.approx(0.2 * share), share, 0.0)


def test_the_average_follows_slowly_and_forgets_its_beginnings_sooner():
    network = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    nn.init.constant_(network[0].weight, 0.0)
    averaged, expected = Averaged(network, 0.9), 0.0
    for step in range(1, 120):
        nn.init.constant_(network[0].weight, float(step % 7))
        network[1].num_batches_tracked += 1
        averaged.follow(network, step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * (step % 7)
        assert averaged.network[0].weight.item() == pytest.approx(expected, rel=1e-4)
        assert averaged.network[1].num_batches_tracked == step
    assert not any(p.requires_grad for p in averaged.network.parameters())
    assert network[0].weight.requires_grad
    assert not torch.equal(network[0].weight, averaged.network[0].weight)


def test_the_average_takes_in_a_tensor_of_two_names_once():
    layer = nn.Linear(1, 1, bias=False)
    network = nn.ModuleDict({"one": layer, "other": layer})
    nn.init.constant_(layer.weight, 0.0)
    averaged = Averaged(network, 0.5)
    nn.init.constant_(layer.weight, 1.0)
    averaged.follow(network, 1000)
    assert averaged.network["one"].weight is averaged.network["other"].weight
    assert averaged.network["one"].weight.item() == pytest.approx(0.5)
