import copy
import inspect
import pickle

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import ptv_registry as ptv
from ptv_layers import make_multilayer_perceptron
from ptv_registry.errors import ArgumentError
from ptv_resnet import create_resnet
from ptv_ssl import BYOL, MemoryBank, MemoryBankSizeError, MoCoV2, SimCLR
from tests.support.fingerprint import assert_every_argument_has_an_effect

VIEWS = torch.randn(2, 4, 6, generator=torch.Generator().manual_seed(0))
INDICES = torch.tensor([3, 0, 7, 1])


def encoder():
    return nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 8))


def mlp(*dims):
    return make_multilayer_perceptron(dims, final_activation=None)


MODELS = {
    "simclr": (lambda: SimCLR(mlp(8, 8, 4), encoder()), tuple(VIEWS)),
    "byol": (lambda: BYOL(encoder(), mlp(8, 8, 4), feature_dim=4, predictor_inner=8), tuple(VIEWS)),
    "moco": (lambda: MoCoV2(encoder(), mlp(8, 8, 4), dim=4, queue_size=8), tuple(VIEWS)),
    "memory_bank": (
        lambda: MemoryBank(encoder(), mlp(8, 8, 4), neg_size=5, bank_size=10, dim=4),
        (VIEWS[0], INDICES),
    ),
}
each_model = pytest.mark.parametrize(("make", "inputs"), MODELS.values(), ids=MODELS)


def state(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


@each_model
def test_gradients_are_finite_and_reach_all_but_the_momentum_copy(make, inputs):
    model = make()
    loss = model(*inputs)
    loss.backward()

    assert () == tuple(loss.shape)
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad != name.startswith("backbone_mmt.")
        assert (parameter.grad is not None) == parameter.requires_grad
        assert parameter.grad is None or parameter.grad.isfinite().all()


@each_model
def test_evaluation_leaves_the_state_as_it_is(make, inputs):
    # Defect 44: the momentum copy of the published BYOL moves in evaluation, too.
    model = make()
    model(*inputs)
    model.eval()
    before = state(model)
    model(*inputs)
    model(*inputs)

    assert set() == changed(before, state(model))


@pytest.mark.parametrize("name", ["simclr", "byol", "memory_bank"])
def test_a_few_steps_of_training_lower_the_loss(name):
    torch.manual_seed(0)
    make, inputs = MODELS[name]
    model = make()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
    losses = []
    for _ in range(30):
        loss = model(*inputs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert sum(losses[-3:]) / 3 < losses[0] - 0.2


@each_model
def test_a_model_copies_and_pickles_after_it_was_trained(make, inputs):
    model = make()
    model(*inputs).backward()
    model.eval()
    torch.manual_seed(0)
    expected = model(*inputs)

    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        torch.manual_seed(0)
        assert torch.equal(expected, twin(*inputs))


@each_model
def test_a_model_exports(make, inputs):
    model = make()
    model(*inputs)
    model.eval()
    exported = torch.export.export(model, inputs).module()

    if isinstance(model, MemoryBank):
        assert exported(*inputs).isfinite()  # its negatives are random
    else:
        torch.testing.assert_close(model(*inputs), exported(*inputs))


@each_model
def test_a_model_runs_on_the_meta_device(make, inputs):
    with torch.device("meta"):
        model = make()
    loss = model(*(x.to("meta") for x in inputs))

    assert loss.is_meta
    assert () == tuple(loss.shape)


@each_model
def test_the_state_of_a_model_that_was_trained_loads_into_a_new_one(make, inputs):
    model, other = make(), make()
    model(*inputs)
    other.load_state_dict(model.state_dict())

    assert set() == changed(state(model), state(other))


@pytest.mark.parametrize("name", ["simclr", "byol", "moco"])
def test_views_of_different_samples_are_refused(name):
    with pytest.raises(ArgumentError, match="4 and 3 samples"):
        MODELS[name][0]()(VIEWS[0], VIEWS[1, :3])


BASE = {"backbone": nn.Linear(6, 8)}
OTHERS = {"backbone": nn.Linear(6, 8, bias=False), "temperature": 0.3, "mlp": mlp(8, 8)}
CASES = {
    SimCLR: (BASE, OTHERS),
    BYOL: (
        BASE,
        {
            "backbone": OTHERS["backbone"],
            "projector": mlp(8, 8),
            "predictor": mlp(8, 8),
            "feature_dim": 9,
            "predictor_inner": 5,
            "mmt": 0.5,
            "norm": nn.BatchNorm1d,
            "activation": nn.SiLU,
        },
    ),
    MoCoV2: (
        BASE,
        {
            "backbone": OTHERS["backbone"],
            "projector": mlp(8, 8),
            "dim": 9,
            "queue_size": 7,
            "mmt": 0.5,
            "temperature": 0.3,
            "batch_shuffle": False,
        },
    ),
    MemoryBank: (BASE, OTHERS | {"neg_size": 3, "bank_size": 7, "dim": 9, "mmt": 0.5}),
}


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_every_argument_is_kept_or_built(build):
    # That what is kept also has its effect is what the tests of the formulae below show. Buffers count here, too.
    def with_buffers(**arguments):
        model = build(**arguments)
        model.sizes = {name: tuple(buffer.shape) for name, buffer in model.named_buffers()}
        return model

    with_buffers.__signature__ = inspect.signature(build)
    assert_every_argument_has_an_effect(with_buffers, *CASES[build])


# SimCLR


def test_simclr_is_the_cross_entropy_of_finding_the_other_view():
    model = SimCLR(mlp(8, 8, 4), encoder(), temperature=0.5)
    first, second = (model.mlp(model.backbone(view)) for view in VIEWS)
    similar = F.cosine_similarity(first.unsqueeze(1), second.unsqueeze(0), dim=2) / 0.5
    expected = torch.stack([-torch.log(similar[i].exp()[i] / similar[i].exp().sum()) for i in range(4)]).mean()

    torch.testing.assert_close(expected, model(*VIEWS))


def test_simclr_without_arguments_compares_the_views_themselves():
    # The documentation constructs it so: ``simclr_loss = models.SimCLR()``.
    expected = F.cross_entropy(F.normalize(VIEWS[0]) @ F.normalize(VIEWS[1]).T / 0.07, torch.arange(4))

    torch.testing.assert_close(expected, SimCLR()(*VIEWS))
    assert [] == list(SimCLR().parameters())


def test_the_documented_simclr_on_a_resnet_projects_the_features_before_its_classifier():
    # ``mlp`` is what make_multilayer_perceptron returns, and its 2048 inputs are not the 400 scores of the network.
    resnet = create_resnet(model_depth=18, stem_dim_out=8, head_pool=nn.AdaptiveAvgPool3d)
    names = list(resnet.state_dict())
    model = SimCLR(mlp=make_multilayer_perceptron(fully_connected_dims=(256, 64, 32)), backbone=resnet)
    view1, view2 = torch.randn(2, 2, 3, 2, 32, 32)
    loss = model(view1, view2)
    loss.backward()

    assert loss.isfinite()
    assert (2, 256) == tuple(model.backbone(view1).shape)
    assert (2, 400) == tuple(resnet(view1).shape)
    assert names == list(resnet.state_dict())
    assert model.backbone.blocks[0].conv.weight is resnet.blocks[0].conv.weight
    assert resnet.blocks[0].conv.weight.grad is not None


@pytest.mark.slow
def test_the_documented_simclr_runs_at_full_size():
    resnet = create_resnet()
    mlp = make_multilayer_perceptron(fully_connected_dims=(2048, 1024, 2048))
    with torch.no_grad():
        loss = SimCLR(mlp=mlp, backbone=resnet)(*torch.zeros(2, 2, 3, 4, 224, 224))

    assert loss.isfinite()


@pytest.mark.parametrize(
    ("dims", "outputs"), [((400, 8), 400), ((7, 8), 400), ((256, 8), 256)], ids=["scores", "neither", "features"]
)
def test_a_classifier_stays_where_the_mlp_does_not_take_what_goes_into_it(dims, outputs):
    with torch.device("meta"):
        resnet = create_resnet(model_depth=18, stem_dim_out=8, head_pool=nn.AdaptiveAvgPool3d)
        model = SimCLR(mlp(*dims), resnet)
        features = model.backbone(torch.zeros(1, 3, 2, 32, 32))

    assert (1, outputs) == tuple(features.shape)
    assert (model.backbone is resnet) == (outputs == 400)


# BYOL


def test_byol_is_the_mean_negative_cosine_of_predictions_and_the_copy_s_projections():
    model = BYOL(encoder(), feature_dim=8, predictor_inner=12).eval()
    with torch.no_grad():
        for parameter in model.backbone_mmt.parameters():
            parameter.add_(0.1)
    first, second = (model.predictor(model.backbone(view)) for view in VIEWS)
    copy1, copy2 = (model.backbone_mmt(view) for view in VIEWS)
    cosines = F.cosine_similarity(first, copy2), F.cosine_similarity(second, copy1)

    torch.testing.assert_close(-(cosines[0].mean() + cosines[1].mean()) / 2, model(*VIEWS))
    torch.testing.assert_close(F.normalize(first), model.forward_backbone(VIEWS[0]))
    torch.testing.assert_close(F.normalize(copy1), model.forward_backbone_mmt(VIEWS[0]))
    assert not model.forward_backbone_mmt(VIEWS[0]).requires_grad


@pytest.mark.parametrize(
    "make", [lambda m: BYOL(encoder(), feature_dim=8, mmt=m), lambda m: MoCoV2(encoder(), dim=8, mmt=m)]
)
@pytest.mark.parametrize("mmt", [0.0, 0.75, 1.0])
def test_in_training_the_copy_keeps_its_share_and_takes_the_rest(make, mmt):
    model = make(mmt)
    with torch.no_grad():
        for parameter in model.backbone.parameters():
            parameter.add_(1)
    old = [p.clone() for p in model.backbone_mmt.parameters()]
    model(*VIEWS)

    for before, after, target in zip(old, model.backbone_mmt.parameters(), model.backbone.parameters(), strict=True):
        assert torch.equal(before * mmt + target.detach() * (1 - mmt), after)


def test_byol_s_momentum_can_be_annealed():
    model = BYOL(encoder(), feature_dim=8)
    assert 0.99 == model.get_mmt()
    model.update_mmt(0.5)

    assert 0.5 == model.get_mmt() == model.mmt
    with pytest.raises(ArgumentError, match=r"mmt=1.5 must be from 0 .* to 1"):
        model.update_mmt(1.5)


def test_byol_has_the_published_names_and_makes_the_predictor_it_was_told():
    model = BYOL(encoder(), nn.Linear(8, 5), None, 5, 7, 0.9, nn.BatchNorm1d, nn.Tanh)
    outer = {name.split(".")[0] + "." + name.split(".")[1] for name in model.state_dict()}

    assert {"backbone.0", "backbone.1", "backbone_mmt.0", "backbone_mmt.1"} == {n for n in outer if "back" in n}
    assert {"predictor.0", "predictor.1", "predictor.3"} == {n for n in outer if "pred" in n}
    assert [(7, 5), (5, 7)] == [tuple(model.predictor[i].weight.shape) for i in (0, 3)]
    assert [nn.Linear, nn.BatchNorm1d, nn.Tanh, nn.Linear] == [type(part) for part in model.predictor]
    assert (None, nn.SyncBatchNorm) == (model.predictor[0].bias, type(BYOL(encoder(), feature_dim=8).predictor[1]))


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: SimCLR(nn.Linear(8, 4), nn.Linear(6, 8)), ["mlp", "backbone"]),
        (lambda: MemoryBank(nn.Linear(6, 8), nn.Linear(8, 4), 2, bank_size=8, dim=4), ["memory", "backbone", "mlp"]),
        (lambda: MoCoV2(nn.Linear(6, 8), dim=8), ["queue_x", "ptr", "backbone", "backbone_mmt"]),
    ],
    ids=["simclr", "memory bank", "moco"],
)
def test_parameters_have_the_published_names_and_order(make, names):
    model = make()
    if isinstance(model, MemoryBank):
        model(VIEWS[0], INDICES)

    assert names == list(dict.fromkeys(name.split(".")[0] for name in model.state_dict()))


def test_byol_takes_a_predictor_and_may_have_neither_norm_nor_activation():
    predictor = nn.Linear(8, 8)

    assert BYOL(encoder(), predictor=predictor).predictor is predictor
    assert BYOL(encoder(), feature_dim=8, norm=None, activation=None)(*VIEWS).isfinite()


# MoCo v2


def test_moco_tells_the_key_from_the_queue():
    model = MoCoV2(encoder(), mlp(8, 8, 4), dim=4, queue_size=6, temperature=0.3).eval()
    query, key = F.normalize(model.backbone(VIEWS[0])), F.normalize(model.backbone_mmt(VIEWS[1]))
    positive = torch.exp((query * key).sum(dim=1) / 0.3)
    negative = torch.exp(query @ model.queue_x.T / 0.3).sum(dim=1)

    torch.testing.assert_close(-torch.log(positive / (positive + negative)).mean(), model(*VIEWS))
    torch.testing.assert_close(torch.ones(6), model.queue_x.norm(dim=1))


def test_training_with_moco_lowers_the_loss():
    torch.manual_seed(0)
    samples = torch.randn(64, 6)
    model = MoCoV2(encoder(), mlp(8, 8, 4), dim=4, queue_size=32, mmt=1.0)  # a target that stays
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
    losses = []
    for step in range(64):  # eight passes; a sample's last key has left the queue when it comes again
        batch = samples.roll(-8 * step, dims=0)[:8]
        loss = model(batch + 0.1 * torch.randn(8, 6), batch + 0.1 * torch.randn(8, 6))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    # The queue is random at first; after four batches it is full of keys.
    assert sum(losses[-8:]) < sum(losses[4:12]) - 8 * 0.2


def test_the_queue_is_a_ring():
    model = MoCoV2(nn.Linear(6, 8), dim=8, queue_size=6, mmt=1.0)
    keys = F.normalize(model.backbone_mmt(VIEWS[1]))
    start = model.queue_x.clone()
    model(*VIEWS)

    assert torch.equal(torch.cat([keys, start[4:]]), model.queue_x)
    model(*VIEWS)
    assert torch.equal(keys[[2, 3, 2, 3, 0, 1]], model.queue_x)
    assert 2 == model.ptr


def test_a_batch_larger_than_the_queue_leaves_its_last_keys():
    model = MoCoV2(nn.Linear(6, 8), dim=8, queue_size=3, mmt=1.0)
    keys = F.normalize(model.backbone_mmt(VIEWS[1]))
    model(*VIEWS)

    assert 1 == model.ptr
    assert torch.equal(keys[[3, 1, 2]], model.queue_x)


# Memory bank


def test_the_memory_bank_tells_a_sample_from_random_others():
    model = MemoryBank(encoder(), neg_size=5, bank_size=10, dim=8, temperature=0.3).eval()
    model(VIEWS[0], INDICES)
    torch.manual_seed(3)
    loss = model(VIEWS[0], INDICES)
    torch.manual_seed(3)
    others = torch.randint(0, 10, (4, 6))[:, 1:]
    embedding = F.normalize(model.backbone(VIEWS[0]))
    positive = torch.exp((embedding * model.memory[INDICES]).sum(dim=1) / 0.3)
    negative = torch.exp((embedding.unsqueeze(1) * model.memory[others]).sum(dim=2) / 0.3).sum(dim=1)

    torch.testing.assert_close(-torch.log(positive / (positive + negative)).mean(), loss)


@pytest.mark.parametrize("mmt", [0.0, 0.25, 1.0])
def test_the_memory_bank_moves_the_samples_that_it_saw(mmt):
    model = MemoryBank(nn.Linear(6, 8), neg_size=5, bank_size=10, dim=8, mmt=mmt)
    model.eval()(VIEWS[0], INDICES)
    before = model.memory.clone()
    model.train()(VIEWS[0], INDICES)
    embedding = F.normalize(model.backbone(VIEWS[0])).detach()

    torch.testing.assert_close(F.normalize(before[INDICES] * mmt + embedding * (1 - mmt)), model.memory[INDICES])
    others = [i for i in range(10) if i not in INDICES]
    assert torch.equal(before[others], model.memory[others])


def test_the_bank_comes_to_be_when_it_is_needed():
    # Defect 44: the published one takes 10.5 GB as soon as it is constructed.
    model = MemoryBank(nn.Linear(6, 2048))
    assert (1280000, 2048, None) == (model.bank_size, model.dim, model.memory)
    small = MemoryBank(nn.Linear(6, 300), bank_size=200, dim=300, neg_size=2)
    small(VIEWS[0], INDICES)

    assert (200, 300) == tuple(small.memory.shape)
    assert small.memory.norm(dim=1).mean() == pytest.approx(1, abs=0.05)
    assert "memory" in small.state_dict()


def test_a_bank_that_does_not_fit_says_how_large_it_is():
    model = MemoryBank(nn.Linear(6, 8), bank_size=10**13, dim=8)

    with pytest.raises(MemoryBankSizeError, match=r"320000.0 GB, which cpu does not have: set bank_size") as caught:
        model(VIEWS[0], INDICES)
    assert isinstance(caught.value, MemoryError)
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


def test_a_bank_of_another_size_does_not_load():
    saved = MemoryBank(nn.Linear(6, 8), bank_size=10, dim=8, neg_size=2)
    saved(VIEWS[0], INDICES)

    with pytest.raises(RuntimeError, match="memory"):
        MemoryBank(nn.Linear(6, 8), bank_size=11, dim=8).load_state_dict(saved.state_dict())


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        (torch.tensor([0, 1, 2, 10]), r"x_ind=\[0, 1, 2, 10\] must be from 0 to 9: set bank_size"),
        (torch.tensor([-1, 1, 2, 3]), r"must be from 0 to 9"),
        (INDICES[:3], r"of shape \(3,\), but must hold 4 integers"),
        (INDICES.float(), r"torch.float32 of shape \(4,\), but must hold 4 integers"),
    ],
    ids=["large", "negative", "count", "type"],
)
def test_numbers_of_samples_that_do_not_fit_are_refused(indices, message):
    with pytest.raises(ArgumentError, match=message):
        MODELS["memory_bank"][0]()(VIEWS[0], indices)


@pytest.mark.parametrize(
    "make",
    [
        lambda: SimCLR(temperature=0),
        lambda: BYOL(encoder(), mmt=-0.1),
        lambda: MoCoV2(encoder(), mmt=2),
        lambda: MoCoV2(encoder(), temperature=-1),
        lambda: MoCoV2(encoder(), dim=0),
        lambda: MoCoV2(encoder(), queue_size=0),
        lambda: MemoryBank(encoder(), neg_size=0),
        lambda: MemoryBank(encoder(), bank_size=0),
        lambda: MemoryBank(encoder(), dim=-1),
        lambda: MemoryBank(encoder(), temperature=0),
        lambda: MemoryBank(encoder(), mmt=1.1),
    ],
)
def test_values_out_of_range_are_refused(make):
    with pytest.raises(ArgumentError, match="must be"):
        make()


@pytest.mark.parametrize(
    "spec",
    [
        "simclr(temperature=0.2, backbone={}, mlp=mlp(fully_connected_dims=[256, 8]))",
        "byol(backbone={}, projector=mlp(fully_connected_dims=[256, 8]), feature_dim=8, predictor_inner=4, mmt=0.9)",
        "byol(backbone={}, predictor=mlp(fully_connected_dims=[400, 400]))",
        "moco_v2(backbone={}, projector=mlp(fully_connected_dims=[256, 8, 8], final_activation=none), dim=8, queue_size=4)",
    ],
    ids=["simclr", "byol", "byol with a predictor", "moco"],
)
def test_a_spec_builds_a_model_and_its_lock_the_same(spec):
    spec = spec.format("resnet(model_depth=18, stem_dim_out=8, head_pool=adaptive_avg, dropout_rate=0.0)")
    clips = torch.randn(2, 2, 3, 2, 32, 32)
    torch.manual_seed(0)
    model = ptv.build(spec)
    torch.manual_seed(0)
    again = ptv.build(ptv.freeze(model))

    assert list(model.state_dict()) == list(again.state_dict())
    assert torch.equal(model(*clips), again(*clips))


def test_a_built_backbone_may_be_given_to_a_spec():
    backbone = encoder()

    assert ptv.build("simclr", backbone=backbone).backbone is backbone
    bank = ptv.build("memory_bank(bank_size=10, dim=8, neg_size=3, temperature=0.1, mmt=0.5)", backbone=backbone)
    assert bank(VIEWS[0], INDICES).isfinite()
