"""SVG as text: a few shapes that escape their words, and the colours of the stages."""

from html import escape

STAGES = {
    "conv1": "#94a3b8",
    "conv2_x": "#0ea5e9",
    "conv3_x": "#10b981",
    "conv4_x": "#f59e0b",
    "conv5_x": "#ef4444",
    "stage 1": "#0ea5e9",
    "stage 2": "#10b981",
    "stage 3": "#f59e0b",
    "head": "#8b5cf6",
}
"""The same colours as `.stage-...` of style.css: here they travel with a drawing that is saved."""

IDENTITY, PROJECTION = "#4f46e5", "#d97706"


def tag(name: str, *children: str, **attributes: object) -> str:
    """An element; `class_` stands for class, and an underscore in a name for a hyphen. None leaves one out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def number(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def text(x: float, y: float, words: str, size: float = 12, **attributes: object) -> str:
    return tag("text", escape(words), x=number(x), y=number(y), font_size=number(size), **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: object) -> str:
    sides = {"x": x, "y": y, "width": width, "height": height}
    return tag("rect", **{key: number(value) for key, value in sides.items()}, **attributes)


def path(*steps: object, **attributes: object) -> str:
    """Letters and coordinates in turn: path("M", 0, 4, "H", 20)."""
    return tag(
        "path", d=" ".join(step if isinstance(step, str) else number(float(str(step))) for step in steps), **attributes
    )


def drawing(width: float, height: float, *children: str, **attributes: object) -> str:
    """The whole picture. It scales with its place; its own fonts and ink make it complete when it is saved."""
    return tag(
        "svg",
        *children,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family="system-ui, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', sans-serif",
        fill="currentColor",
        **attributes,
    )
