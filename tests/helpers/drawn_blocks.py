"""Blocks drawn at random for property tests."""

from hypothesis import strategies as st

from resnet_demo.chapters.parameters.block_kinds import KINDS, Block, block

odd = st.sampled_from([1, 3, 5, 7])


@st.composite
def blocks(draw: st.DrawFn, most: int = 24) -> Block:
    """Any kind with any settings that fit together."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    groups = draw(st.integers(1, 4)) if "groups" in KINDS[kind].fields else 1
    of_groups = st.integers(1, max(most // groups, 1)).map(lambda n: n * groups)
    drawn = {
        "channels_in": draw(of_groups),
        "channels_out": draw(of_groups),
        "width": draw(of_groups),
        "kernel": draw(odd),
        "depth": draw(st.integers(1, 5)),
        "groups": groups,
        "growth": draw(st.integers(1, 8)),
        "widen": draw(st.integers(1, 3)),
        "stride": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "norm": draw(st.booleans()),
    }
    shortcuts = ("none", "B", "C") if drawn["channels_out"] < drawn["channels_in"] else ("none", "A", "B", "C")
    drawn["shortcut"] = draw(st.sampled_from(shortcuts))
    if draw(st.booleans()):
        drawn["channels_out"] = drawn["channels_in"]
    taken = {name: drawn[name] for name in (*KINDS[kind].fields, "kernel", "bias", "norm")}
    return block(kind, drawn["channels_in"], **taken)
