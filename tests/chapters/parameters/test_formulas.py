"""One tree, three writings: the number, the letters, the numbers put in."""

import pytest

from resnet_demo.chapters.parameters.formulas import (
    LATEX,
    Difference,
    Expression,
    Letter,
    Quotient,
    Square,
    Sum,
    digits,
    product,
    spell,
    total,
    value,
)

pytestmark = pytest.mark.quick

K, C, N, G, n = Letter("k", 3), Letter("C", 256, "in"), Letter("N", 64), Letter("G", 32), Letter("n", 6)


@pytest.mark.parametrize(
    ("tree", "number", "letters", "numbers", "latex"),
    [
        (product(Square(K), C, N), 147_456, "k²·C_in·N", "3²·256·64", "k^{2} \\cdot C_{\\mathrm{in}} \\cdot N"),
        (
            product(Square(K), Quotient(N, G), N),
            1_152,
            "k²·(N/G)·N",
            "3²·(64/32)·64",
            "k^{2} \\cdot \\frac{N}{G} \\cdot N",
        ),
        (
            product(2, total(N, N, C)),
            768,
            "2·(N + N + C_in)",
            "2·(64 + 64 + 256)",
            "2 \\cdot (N + N + C_{\\mathrm{in}})",
        ),
        (product(Difference(n, 1), N), 320, "(n − 1)·N", "(6 − 1)·64", "(n - 1) \\cdot N"),
        (
            Quotient(product(n, Difference(n, 1)), 2),
            15,
            "n·(n − 1)/2",
            "6·(6 − 1)/2",
            "\\frac{n \\cdot (n - 1)}{2}",
        ),
        (Square(product(2, N)), 16_384, "(2·N)²", "(2·64)²", "(2 \\cdot N)^{2}"),
        (product(1, Letter("C", 25_088)), 25_088, "C", "25,088", "C"),
        (product(), 1, "1", "1", "1"),
        (Difference(C, Sum((N, G))), 160, "C_in − (N + G)", "256 − (64 + 32)", "C_{\\mathrm{in}} - (N + G)"),
    ],
)
def test_a_tree_in_all_writings(tree: Expression, number: int, letters: str, numbers: str, latex: str) -> None:
    assert value(tree) == number
    assert (spell(tree), spell(tree, numbers=True), spell(tree, LATEX)) == (letters, numbers, latex)


def test_digits_are_grouped_where_print_groups_them() -> None:
    assert [digits(number) for number in (1, 9_999, 10_000, 10**6)] == ["1", "9999", "10,000", "1,000,000"]
    assert spell(Letter("C", 10**6), LATEX, numbers=True) == "1{,}000{,}000"
