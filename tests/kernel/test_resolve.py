"""From a spec to a plan: lookups, inheritance, literals, contracts, and where errors point."""

from __future__ import annotations

from typing import Any, Literal

import pytest

import ptv_registry as ptv
from ptv_registry.errors import ArgumentError, ContractError, PtvError, UnknownNameError
from tests.support.fake_parts import Batch, BlockPart, Conv3d, Ghost, Relu, StemPart, Swish
from tests.support.fakes import registry

FOUND = registry()


def build(spec: Any, **args: Any) -> Any:
    return ptv.build(spec, registry=FOUND, **args)


def resolve(spec: Any, **args: Any) -> ptv.Plan:
    return ptv.resolve(spec, registry=FOUND, **args)


def values(spec: str, **args: Any) -> dict[str, Any]:
    return build(spec, **args).all


def sources(plan: ptv.Plan) -> dict[str, str]:
    return {
        f"{node.path}.{name}".lstrip("."): argument.source
        for node in plan.walk()
        for name, argument in node.arguments.items()
    }


# Inheritance (section 6.4), rule by rule


def test_an_argument_named_after_a_kind_reaches_every_slot_of_the_kind_below() -> None:
    net = build("net(norm=ghost)")

    assert Ghost is type(net.stem.norm)
    assert Ghost is type(net.stage.blocks[0].norm)


def test_it_reaches_them_even_where_no_signature_on_the_way_mentions_it() -> None:
    net = build("net", conv="plain", activation="swish(beta=2)")

    assert 2 == net.stage.blocks[0].activation.beta == net.head.activation.beta
    plan = resolve("net", activation="swish")
    assert "inherited" == sources(plan)["stage.block.activation"]
    assert "activation" not in plan.root.arguments


def test_a_node_given_its_own_keeps_it() -> None:
    net = build("net(norm=ghost, stage=plain(block=plain(norm=batch)))")

    assert Batch is type(net.stage.blocks[0].norm)
    assert Ghost is type(net.stem.norm)


def test_the_nearest_node_above_wins() -> None:
    net = build("net(activation=swish(beta=1), stage=plain(activation=swish(beta=2)))")

    assert 2 == net.stage.blocks[0].activation.beta
    assert 1 == net.head.activation.beta


def test_a_parameter_of_just_that_name_is_meant_and_other_slots_of_the_kind_keep_theirs() -> None:
    block = build("block:two_acts(activation=swish(beta=3))")

    assert 3 == block.activation.beta
    assert 1 == block.inner_act.beta


def test_otherwise_it_is_the_nodes_slots_of_that_kind_under_other_names() -> None:
    plan = resolve("block:conv_abc(conv=plain(padding=5))")
    block = ptv.build(plan)

    assert [5, 5] == [conv.rest[2] for conv in block.convs[:2]]
    assert "explicit" == plan.root.arguments["conv_a"].source
    assert "conv" == plan.root.arguments["conv_a"].given_at


def test_a_slot_given_its_own_name_beats_the_kind() -> None:
    block = build("block:conv_abc(conv=plain(padding=5), conv_b=plain(padding=6))")

    assert [5, 6] == [conv.rest[2] for conv in block.convs[:2]]


def test_a_slot_whose_default_is_none_stays_none_unless_named_itself() -> None:
    assert build("block:conv_abc(conv=plain)").convs[2] is None
    assert build("block:conv_abc(conv=plain, conv_c=plain)").convs[2] is not None
    assert build("stem:normless(norm=ghost)").norm is not None
    assert [None] == [
        node.arguments["norm"].value
        for node in resolve("pathways(norm=ghost, stem_function=normless)").walk()
        if node.path == "stem_function[0]"
    ]


def test_items_of_a_list_that_are_none_stay_none() -> None:
    norms = build("pathways(norm=ghost)").norms

    assert [Ghost, type(None)] == [type(norm) for norm in norms]
    assert [Ghost, Ghost] == [type(norm) for norm in build("pathways(norms=ghost)").norms]


def test_none_reaches_like_any_value() -> None:
    net = build("net(norm=none)")

    assert net.stem.norm is None
    assert net.stage.blocks[0].norm is None


def test_one_value_serves_all_items_of_lists_and_of_nested_lists() -> None:
    net = build("pathways(stem_function=plain(width=9), stages=plain(depth=2))")

    assert [9, 9] == [stem.norm.num_features for stem in net.stems]
    assert [[2, 2], [2]] == [[len(stage.blocks) for stage in row] for row in net.stages]


def test_a_list_is_matched_item_by_item_and_may_hold_single_values_for_inner_lists() -> None:
    net = build("pathways(stem=[plain(width=1), plain(width=2)], stage=[plain(depth=2), [plain(depth=3)]])")

    assert [1, 2] == [stem.norm.num_features for stem in net.stems]
    assert [[2, 2], [3]] == [[len(stage.blocks) for stage in row] for row in net.stages]


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("pathways(stem_function=[plain])", "stem_function takes one stem or a list of 2, not a list of 1"),
        ("pathways(stem=[plain, plain, plain])", "list of 2, not a list of 3"),
        ("pathways(stages=[plain, [plain, plain]])", r"stages\[1\] takes one stage or a list of 1, not a list of 2"),
        ("net(stem=[plain])", "stem takes one stem, not a list of 1"),
        ("net(norm=[batch, ghost])", "takes one norm, not a list of 2"),
    ],
)
def test_a_list_must_match_their_number(spec: str, complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        resolve(spec)


def test_a_slot_that_says_so_takes_a_list_of_any_length() -> None:
    assert [Ghost, Batch, Ghost] == [type(norm) for norm in build("pathways(many=[ghost, batch, ghost])").many]


@pytest.mark.parametrize(
    ("spec", "kind"),
    [("head:plain(norm=ghost)", "norm"), ("norm:batch(conv=plain)", "conv"), ("net(pool=none)", "pool")],
)
def test_an_argument_that_reaches_nothing_is_an_error(spec: str, kind: str) -> None:
    with pytest.raises(ArgumentError, match=f"{kind}= reaches nothing"):
        resolve(spec)


def test_an_argument_whose_every_slot_was_given_its_own_reaches_nothing() -> None:
    with pytest.raises(ArgumentError, match="conv= reaches nothing"):
        resolve("stage:plain(conv=plain, block=plain(conv=plain))")


def test_a_default_that_is_a_registered_component_is_a_node_with_its_name() -> None:
    plan = resolve("net")

    assert {"stem:plain", "stage:plain", "block:plain", "norm:batch"} <= {node.name for node in plan.walk()}


def test_keyword_arguments_replace_a_whole_argument() -> None:
    net = build("net(stem=plain(norm=ghost), classes=7)", stem="plain", classes=9)

    assert Batch is type(net.stem.norm)
    assert 9 == net.head.classes


# What slots take


@pytest.mark.parametrize("stem", ["plain(norm=ghost)", "stem:plain(norm=ghost)", "acme/plain(norm=ghost)"])
def test_slots_take_text_specs_and_factories(stem: str) -> None:
    factory = ptv.as_factory("stem", stem, registry=FOUND)

    for value in (stem, ptv.parse(stem), factory):
        assert Batch is type(build("net", stem=value).stage.blocks[0].norm)
        assert Ghost is type(build("net", stem=value).stem.norm)


def test_a_slot_looks_in_its_own_kind_only() -> None:
    with pytest.raises(UnknownNameError, match="'swish' is an activation, not a norm"):
        resolve("net(norm=swish)")
    with pytest.raises(ArgumentError, match="names a conv, and this place takes a norm"):
        resolve("net(norm=conv:plain)")
    with pytest.raises(ArgumentError, match="takes a norm, not a factory of conv:plain"):
        resolve("net", norm=ptv.as_factory("conv", "plain", registry=FOUND))


@pytest.mark.parametrize("value", [3, 1.5, True, object()])
def test_what_is_no_component_is_refused_with_the_names_of_the_kind(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"takes a norm, not .*ghost"):
        resolve("net", norm=value)


def test_text_that_is_no_spec_is_refused() -> None:
    with pytest.raises(ArgumentError, match="takes a norm, not 3"):
        resolve("net(norm='3')")
    with pytest.raises(ArgumentError, match="takes a transform, not 'text'"):
        resolve("transform:compose", transforms=["'text'"])


def test_none_is_refused_where_there_must_be_a_part() -> None:
    with pytest.raises(ArgumentError, match="stem takes a stem, not none"):
        resolve("net(stem=none)")
    assert build("net(head=none)").head is None


def test_raw_callables_work_in_slots_and_inherit() -> None:
    def my_block(norm: Any = Batch) -> Any:
        return norm

    def my_stem(norm: Any, width: int) -> Any:
        return ("mine", width, type(norm(num_features=1)))

    net = build("net(norm=ghost)", stem=my_stem, stage=lambda: my_block)

    assert ("mine", 7, Ghost) == net.stem


def test_raw_callables_are_held_to_the_contract_of_the_kind() -> None:
    with pytest.raises(ContractError, match="does not take num_features"):
        resolve("net", norm=lambda channels: None)
    with pytest.raises(ContractError, match=r"norm:broken_contract of acme 1.0 does not take num_features"):
        resolve("net(norm=broken_contract)")
    assert build("net", norm=lambda num_features: num_features).stem.norm == 7


def test_a_callable_without_a_signature_is_a_contract_error() -> None:
    with pytest.raises(ContractError, match="has no signature"):
        resolve("net", norm=dict)


def test_slots_that_want_the_finished_object_get_it() -> None:
    composed = build("transform:compose(transform=flip(p=0.25), transforms=[flip, flip(p=1)])")

    assert 1 == len(build("transform:compose(transforms=flip)").transforms)
    assert 0.25 == composed.transform.p
    assert [0.5, 1] == [flip.p for flip in composed.transforms]
    assert abs is build("transform:compose", transform=abs).transform


def test_what_a_finished_object_needs_must_be_given() -> None:
    with pytest.raises(ArgumentError, match="norm:batch needs num_features") as caught:
        resolve("norm:batch")

    assert ["num_features"] == caught.value.fields["missing"]


# Literals


@pytest.mark.parametrize(
    ("spec", "name", "value"),
    [
        ("literal(mode=linear)", "mode", "linear"),
        ("literal(mode='linear')", "mode", "linear"),
        ("literal(text=word)", "text", "word"),
        ("literal(path=word)", "path", "word"),
        ("literal(path=none)", "path", None),
        ("literal(number=-3)", "number", -3),
        ("literal(ratio=3)", "ratio", 3),
        ("literal(ratio=.5)", "ratio", 0.5),
        ("literal(sizes=[1, 2, 3])", "sizes", (1, 2, 3)),
        ("literal(words=[a, 'b c'])", "words", ("a", "b c")),
        ("literal(modes=[a, b])", "modes", ("a", "b")),
        ("literal(anything=[1, ['x', none]])", "anything", (1, ("x", None))),
        ("literal(flag=true)", "flag", True),
    ],
)
def test_plain_arguments_take_what_their_annotation_says(spec: str, name: str, value: Any) -> None:
    assert value == values("layer:" + spec)[name]


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("literal(mode=lienar)", "mode is one of nearest, linear, not lienar. Did you mean linear"),
        ("literal(mode='lienar')", "takes nearest or linear, not 'lienar' Did you mean linear|Did you mean linear"),
        ("literal(anything=word)", "word is a bare word, and anything takes .*quote it"),
        ("literal(anything=[word])", "word is a bare word.*quote it"),
        ("literal(function=word)", "word is a bare word, and function takes .*quote it"),
        ("literal(number=word)", "word is a bare word, and number takes int.*quote it"),
        ("literal(sizes=[1, word])", "word is a bare word.*quote it"),
        ("literal(modes=[a, c])", "modes is one of a, b, not c"),
        ("literal(text=word(x=1))", r"text takes str, not a component \(word\(x=1\)\)"),
        ("literal(number=1.5)", "number of layer:literal takes int, not 1.5"),
        ("literal(number=true)", "takes int, not true"),
        ("literal(flag=1)", "takes bool, not 1"),
        ("literal(number=none)", "takes int, not none"),
        ("literal(sizes=3)", r"takes tuple\[int, ...\], not 3"),
        ("literal(sizes=[1, 'x'])", "takes tuple"),
        ("literal(pair=[1])", r"takes tuple\[int, int\], not \[1\]"),
        ("literal(nubmer=1)", "takes no argument 'nubmer'. Did you mean number"),
    ],
)
def test_what_a_plain_argument_does_not_take_is_an_error_that_says_what_it_does(spec: str, complaint: str) -> None:
    with pytest.raises(ArgumentError, match=complaint):
        resolve("layer:" + spec)


# Where errors point


def test_errors_give_path_and_column_of_what_was_written() -> None:
    with pytest.raises(UnknownNameError) as caught:
        resolve("net(classes=3, stage=plain(block=plain(norm=gohst)))")

    assert {"path": "stage.block.norm", "column": 45}.items() <= caught.value.fields.items()
    assert "stage.block.norm, column 45 of 'net(" in str(caught.value)


def test_an_inherited_value_is_complained_about_where_it_was_written() -> None:
    with pytest.raises(UnknownNameError) as caught:
        resolve("net(classes=3, activation=siwsh)")

    assert {"path": "activation", "column": 27}.items() <= caught.value.fields.items()


def test_errors_in_the_text_of_a_keyword_argument_point_into_that_text() -> None:
    with pytest.raises(UnknownNameError) as unknown:
        resolve("net", norm="  gohst")
    with pytest.raises(PtvError) as syntax:
        resolve("net", norm="ghost(eps=$)")

    assert {"path": "norm", "column": 3}.items() <= unknown.value.fields.items()
    assert 11 == syntax.value.fields["column"]


def test_a_default_that_leads_back_to_itself_ends_in_a_typed_error() -> None:
    found = registry()

    @found.register("block", "endless")
    def endless(block: BlockSlot = "endless", other: BlockSlot = "endless") -> None:
        """Never ends."""

    with pytest.raises(ArgumentError, match="nested more than 32"):
        ptv.resolve("block:endless", registry=found)


from tests.support.fake_parts import Block as BlockSlot  # noqa: E402 - must be a global for the annotations above

# Plans


def test_a_plan_marks_what_is_explicit_inherited_and_default() -> None:
    found = sources(resolve("net(norm=ghost, activation=swish, classes=2)"))

    assert {
        "norm": "explicit",
        "classes": "explicit",
        "stage.block.norm": "inherited",
        "head.activation": "inherited",
        "stage.depth": "default",
        "stage.block.conv": "default",
    }.items() <= found.items()


def test_a_plan_prints_as_a_tree_with_marks_and_origins() -> None:
    text = str(resolve("net(norm=ghost(eps=0.5))"))

    assert text.startswith("model:net  [acme 1.0]\n")
    assert "  * norm = norm:ghost  [acme 1.0]\n" in text
    assert "      * eps = 0.5" in text
    assert "^ norm = norm:ghost  [acme 1.0]   (from norm)" in text
    assert "    classes = 4" in text


def test_resolving_builds_nothing() -> None:
    built: list[Any] = []
    found = registry()
    found.register("model", "loud")(lambda: built.append(1))

    ptv.resolve("loud", registry=found)
    assert [] == built


def test_a_plan_takes_further_arguments_and_edits_and_stays_as_it_is() -> None:
    plan = resolve("net(norm=ghost)", classes=5, set={"head.classes": 6})
    other = resolve(plan, classes=8, set={"stem.width": 3})

    assert 8 == other.root.arguments["classes"].value
    assert 5 == plan.root.arguments["classes"].value
    assert {"head.classes": 6, "stem.width": 3} == dict(other.edits)
    assert plan is resolve(plan)


def test_defaults_that_are_components_of_the_process_are_found() -> None:
    assert {BlockPart, StemPart, Conv3d, Relu} <= {node.target for node in resolve("net").walk()}
    assert Swish not in {node.target for node in resolve("net").walk()}


def test_what_reaches_only_slots_that_are_none_reaches_nothing() -> None:
    with pytest.raises(ArgumentError, match="norm= reaches nothing"):
        ptv.resolve("head:normless_parent(norm=ghost)", registry=_with_normless_parent())


def _with_normless_parent() -> ptv.Registry:
    found = registry()

    @found.register("head", "normless_parent")
    def normless_parent(norm_a: NormSlot = None) -> None:
        """Has a norm only if it is asked for one."""

    return found


from tests.support.fake_parts import Norm as NormSlot  # noqa: E402 - must be a global for the annotations above


def test_none_is_a_word_where_a_literal_has_it_and_nothing_else_fits() -> None:
    registry = FOUND.copy()

    @registry.register("loss", "worded")
    def worded(
        reduction: Literal["mean", "none"] = "mean", extra: Literal["none"] | None = "none"
    ) -> tuple[object, ...]:
        """A loss."""
        return reduction, extra

    assert ("none", None) == ptv.build("worded(reduction=none, extra=none)", kind="loss", registry=registry)


def test_a_module_without_init_takes_nothing() -> None:
    registry = FOUND.copy()

    class Bare:
        """Has the catch-all of its base."""

        def __init__(self, *args: object, **kwargs: object) -> None: ...

    @registry.register("activation", "bare")
    class Derived(Bare):
        """Takes nothing."""

    with pytest.raises(ArgumentError, match="takes no argument 'x'"):
        ptv.build("bare(x=1)", kind="activation", registry=registry)


class Hiding:
    """A component whose parameters have the names of arguments of ``build``."""

    def __init__(self, kind: str = "a", set: tuple[int, ...] = (), registry: str = "r", strict: bool = False) -> None:
        self.all = (kind, set, registry, strict)


@pytest.mark.parametrize(
    ("name", "value"), [("kind", "b"), ("set", (1, 2)), ("set", {"x": 1}), ("registry", "s"), ("strict", True)]
)
def test_arguments_of_build_do_not_hide_those_of_a_component(name: str, value: Any) -> None:
    found = registry()
    found.register("layer", "hiding")(Hiding)
    given: dict[str, Any] = {"kind": "layer", "registry": found, name: value}
    with pytest.raises(PtvError) as caught:
        ptv.build("hiding", **given)
    built = ptv.build("hiding(kind='b', set=[1, 2], registry='s', strict=true)", kind="layer", registry=found)
    notes = "".join([str(caught.value), *getattr(caught.value, "__notes__", [])])

    assert f"{name}= of build() is its own" in notes
    assert f"({name}=...)" in notes
    assert ("b", (1, 2), "s", True) == built.all
