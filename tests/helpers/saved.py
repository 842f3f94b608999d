"""Figures as they are when they are saved: what is in them, and not only that a picture was written."""

import pytest
from matplotlib.figure import Figure


def keep_saved(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are saved from now on, in a growing list."""
    figures: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *args: object, **kwargs: object) -> None:
        figures.append(figure)
        save(figure, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Figure, "savefig", keep)
    return figures
