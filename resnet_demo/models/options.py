"""The options of a network by name and type, and their validation. This module does not import torch."""

from resnet_demo.errors import ArchitectureError

KINDS: dict[str, type] = {
    "stem": str,
    "residual": bool,
    "shortcut": str,
    "preactivation": bool,
    "zero_gamma": bool,
    "norm": str,
    "stride_in_1x1": bool,
    "groups": int,
    "width_per_group": int,
    "replace_stride_with_dilation": tuple,
    "num_classes": int,
}
"""The options of a network and their types."""
OPTIONS = tuple(KINDS)


def checked(options: object) -> dict[str, object]:
    """`options` as `Architecture` takes them, whatever a script passed; None means no options.

    Raises ArchitectureError unless they are given by name and have the right types; `describe` checks whether they
    fit together.
    """
    if options is None:
        return {}
    if not isinstance(options, dict):
        raise ArchitectureError("options_kind", value=options, example='{"shortcut": "C"}')
    unknown = sorted(map(str, set(options) - set(OPTIONS)))
    if unknown:
        raise ArchitectureError("option_unknown", option=unknown[0], options=", ".join(OPTIONS))
    found = dict(options)
    if "replace_stride_with_dilation" in found:  # a list on a card, None in torchvision
        found["replace_stride_with_dilation"] = _flags(found["replace_stride_with_dilation"])
    for option, value in found.items():
        if KINDS[option] is bool and not isinstance(value, bool):
            raise ArchitectureError("option_flag", option=option, value=value)
    return found


def _flags(value: object) -> tuple[bool, ...]:
    flags = () if value is None else value
    if not isinstance(flags, list | tuple) or not all(isinstance(flag, bool) for flag in flags):
        raise ArchitectureError("option_flags", value=value)
    return tuple(flags)
