"""The three checks of a heat map as Plotly figures. The browser draws them. All in words of the visitor's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from plotly import graph_objects as go

from resnet_demo.explain.faithfulness import Confidence, Curves, Randomised
from resnet_demo.kit.charts import COLOURS, GRID, framed

AGAIN = {"residual": "#0891b2", "plain": "#b45309"}
"""Of the second network of one family."""
HEIGHT = 380


@dataclass(frozen=True)
class Subject:
    """A network as it is drawn: its name and its family."""

    name: str
    family: str


def colours(subjects: Sequence[Subject]) -> list[str]:
    """A colour for each network: its family's, and another for the second of one family."""
    families = [subject.family for subject in subjects]
    return [AGAIN[family] if family in families[:i] else COLOURS[family] for i, family in enumerate(families)]


def curves(subjects: Sequence[Subject], found: Sequence[Curves], words: dict[str, str]) -> go.Figure:
    """Probability of the class while pixels go (dotted) and come back (solid); `words`: x, y, deletion, insertion."""
    figure = go.Figure()
    for subject, curve, colour in zip(subjects, found, colours(subjects), strict=True):
        for kind, values, area, dash in (
            ("insertion", curve.insertion, curve.insertion_area, "solid"),
            ("deletion", curve.deletion, curve.deletion_area, "dot"),
        ):
            figure.add_scatter(
                x=[100 * fraction for fraction in curve.fractions],
                y=[100 * probability for probability in values],
                name=f"{subject.name}: {words[kind]} {area:.2f}",
                line={"color": colour, "width": 3, "dash": dash},
                hovertemplate=f"{subject.name}, {words[kind]}<br>%{{x:.0f}}%: %{{y:.1f}}%<extra></extra>",
            )
    return _shares(figure, words).update_xaxes(range=[0, 100], ticksuffix="%")


def confidence(
    subjects: Sequence[Subject], pictures: Sequence[tuple[str, Sequence[Confidence | None]]], words: dict[str, str]
) -> go.Figure:
    """Probability of the whole picture (pale) beside that of what the map shows; `words`: y, before, after.

    No bar where there is nothing.
    """
    figure = go.Figure()
    places = [name for name, _ in pictures]
    for i, (subject, colour) in enumerate(zip(subjects, colours(subjects), strict=True)):
        for kind, shade in (("before", f"{colour}66"), ("after", colour)):
            figure.add_bar(
                x=places,
                y=[100 * getattr(found[i], kind) if found[i] else None for _, found in pictures],
                name=f"{subject.name}: {words[kind]}",
                marker={"color": shade},
                hovertemplate=f"{subject.name}, {words[kind]}<br>%{{x}}: %{{y:.1f}}%<extra></extra>",
            )
    return _shares(figure, words).update_layout(barmode="group", bargap=0.3)


def randomised(subjects: Sequence[Subject], found: Sequence[Sequence[Randomised]], words: dict[str, str]) -> go.Figure:
    """Rank correlation with the map of the trained network, stage by stage; `words`: x, y, trained."""
    figure = go.Figure()
    for subject, stages, colour in zip(subjects, found, colours(subjects), strict=True):
        figure.add_scatter(
            x=[words["trained"], *(stage.stage for stage in stages)],
            y=[1.0, *(stage.rank_correlation for stage in stages)],
            name=subject.name,
            mode="lines+markers",
            marker={"size": 9},
            line={"color": colour, "width": 3},
            hovertemplate=f"{subject.name}<br>%{{x}}: %{{y:.2f}}<extra></extra>",
        )
    figure.update_yaxes(title=words["y"], range=[-1.05, 1.05], gridcolor=GRID, zerolinecolor=GRID)
    return framed(figure.update_xaxes(title=words["x"], gridcolor=GRID), HEIGHT)


def _shares(figure: go.Figure, words: dict[str, str]) -> go.Figure:
    figure.update_yaxes(title=words["y"], range=[0, 102], ticksuffix="%", gridcolor=GRID, zerolinecolor=GRID)
    return framed(figure.update_xaxes(title=words.get("x"), gridcolor=GRID, zerolinecolor=GRID), HEIGHT)
