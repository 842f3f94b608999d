"""Counts in words: cards, formulas and stacked bars as HTML."""

from collections.abc import Sequence
from html import escape

from resnet_demo.chapters.parameters.counting import BlockCount, Term, reduction
from resnet_demo.chapters.parameters.exports import percent
from resnet_demo.chapters.parameters.formulas import Expression, Style, spell
from resnet_demo.chapters.parameters.pages.columns import LETTERS, Columns, in_words
from resnet_demo.kit.messages import Problem, notice
from resnet_demo.kit.text import t

HTML = Style(
    letter=lambda name, index: f"<i>{name}</i><sub>{index}</sub>" if index else f"<i>{name}</i>",
    square=lambda base: f"{base}<sup>2</sup>",
    quotient=lambda dividend, divisor: f"{dividend}∕{divisor}",
    number=lambda number: f"{number:,}",
)
ROLES = ("spatial", "depthwise", "pointwise", "shortcut", "bias", "norm")
MEASURES = ("parameters", "macs", "activation_bytes")
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
Counted = tuple[int, BlockCount]


def maths(expression: Expression, numbers: bool = False) -> str:
    """A formula as HTML that breaks between factors."""
    return spell(expression, HTML, numbers).replace("·", "<wbr>·")


def memory(count: int) -> str:
    """Bytes in the largest unit that leaves a number of at least 1: "9.19 MiB"."""
    unit = min(max(count.bit_length() - 1, 0) // 10, len(UNITS) - 1)
    return f"{count / 1024**unit:,.2f} {UNITS[unit]}" if unit else f"{count} B"


def title(language: str, position: int, kind: str) -> str:
    return f"{LETTERS[position]} {t(language, f'parameters.kind.{kind}')}"


def term_name(language: str, term: Term) -> str:
    kernel = f"{term.kernel}×{term.kernel}"
    return t(language, f"parameters.term.{term.name}", which=term.which, kernel=kernel)


def compared(language: str, what: str, reference: int, count: int, letter: str) -> str:
    """ "94.03% fewer parameters than A", in parameters or MACs."""
    saved = reduction(reference, count)
    if saved == 0 and reference == count:
        return t(language, f"parameters.same.{what}", reference=letter)
    key = "saves" if saved > 0 else "costs"
    return t(language, f"parameters.{key}.{what}", percent=_unbroken(percent(abs(saved))), reference=letter)


def exact(number: int) -> str:
    """All digits, in thousands; a long number may break after a comma."""
    return f"{number:,}".replace(",", ",<wbr>")


def answer(language: str, columns: Columns, counts: Sequence[Counted], reference: Counted | None, against: str) -> str:
    """The block with the fewest parameters, compared with the reference."""
    if not counts:
        return t(language, "parameters.unused")
    if columns[LETTERS.index(against)] is None:
        return t(language, "parameters.against_unused", letter=against, against=t(language, "parameters.against"))
    others = [one for one in counts if one != reference]
    if reference is None or not others:
        position, alone = counts[0]
        return t(
            language,
            "parameters.blocks.alone",
            block=title(language, position, alone.kind),
            count=f"{alone.parameters:,}",
        )
    (position, least), other = min(others, key=lambda one: one[1].parameters), reference[1]
    return t(
        language,
        "parameters.blocks.answer",
        block=title(language, position, least.kind),
        compared=compared(language, "parameters", other.parameters, least.parameters, against),
        count=f"{least.parameters:,}",
        other=f"{other.parameters:,}",
    )


def cards(language: str, columns: Columns, reference: Counted | None) -> str:
    """What each column costs, or what is wrong with it."""
    made = "".join(
        f'<div class="calc-column col-{letter.lower()}{"" if column else " unused"}">'
        f"{_card(language, column, position, reference)}</div>"
        for position, (letter, column) in enumerate(zip(LETTERS, columns, strict=True))
    )
    return f'<div class="calc-columns">{made}</div>'


def _card(language: str, column: BlockCount | Problem | None, position: int, reference: Counted | None) -> str:
    if column is None:
        return f'<p class="hint">{escape(t(language, "parameters.unused"))}</p>'
    if isinstance(column, Problem):
        return notice(language, in_words(language, column))
    return card(language, column, position, reference)


def card(language: str, counted: BlockCount, position: int, reference: Counted | None) -> str:
    """One column's answer."""
    whole = exact(counted.parameters)
    rows = "".join(_row(language, term) for term in counted.terms)
    return (
        f'<section class="calc-card"><h3>{escape(title(language, position, counted.kind))}</h3>'
        f'<p class="sum"><b>{whole}</b> {escape(t(language, "parameters.parameters"))}</p>'
        f"{_verdict(language, counted, position, reference)}"
        f'<div class="maths"><p>{_formula(counted, False)}</p><p>= {_formula(counted, True)}</p>'
        f'<p>= <b>{whole}</b></p></div><table class="terms"><tbody>{rows}</tbody>'
        f'<tfoot><tr><th scope="row">{escape(t(language, "parameters.sum"))}</th>'
        f"<td>{whole}{_macs(language, counted.macs)}</td></tr></tfoot></table>"
        f'<dl class="facts">{_facts(language, counted)}</dl></section>'
    )


def _macs(language: str, macs: int) -> str:
    return f'<small>{exact(macs)} <span class="counted-in">{escape(t(language, "parameters.macs"))}</span></small>'


def _formula(c: BlockCount, numbers: bool) -> str:
    return " + ".join(
        f'<span class="term role-{term.role}">{maths(term.expression, numbers)}</span>' for term in c.terms
    )


def _row(language: str, term: Term) -> str:
    name = escape(term_name(language, term))
    macs = _macs(language, term.macs) if term.side else ""
    return (
        f'<tr class="role-{term.role}"><th scope="row"><i class="swatch"></i>{name}</th>'
        f"<td>{exact(term.parameters)}{macs}</td></tr>"
    )


def _verdict(language: str, c: BlockCount, position: int, reference: Counted | None) -> str:
    if reference is None:
        return ""
    at, held = reference
    if at == position:
        return f'<p class="verdict is-reference">{escape(t(language, "parameters.reference"))}</p>'
    pairs = (("parameters", held.parameters, c.parameters), ("macs", held.macs, c.macs))
    said = [escape(compared(language, what, a, b, LETTERS[at])) for what, a, b in pairs]
    tone = "saves" if c.parameters < held.parameters else "costs" if c.parameters > held.parameters else "same"
    return f'<p class="verdict {tone}">{said[0]}<small>{said[1]}</small></p>'


def _facts(language: str, c: BlockCount) -> str:
    channels, height, width = c.output
    facts = {
        "macs_at": (exact(c.macs), t(language, "parameters.flops", flops=exact(2 * c.macs))),
        "memory": (memory(c.activation_bytes), t(language, "parameters.numbers_kept", count=exact(c.activations))),
        "field": (f"{exact(c.receptive_field)} × {exact(c.receptive_field)}", ""),
        "output": (f"{exact(channels)} × {exact(height)} × {exact(width)}", ""),
    }
    return "".join(
        f"<div><dt>{escape(t(language, f'parameters.fact.{name}', size=f'{c.size:,}'))}</dt>"
        f"<dd>{said}{f'<small>{more}</small>' if more else ''}</dd></div>"
        for name, (said, more) in facts.items()
    )


def bars(language: str, counts: Sequence[Counted], reference: Counted | None, measure: str) -> str:
    """The columns as bars on one scale, each stacked from its terms; the exact digits stand beside them."""
    largest = max((getattr(c, measure) for _, c in counts), default=1)
    rows = "".join(_bar(language, c, position, reference, measure, largest) for position, c in counts)
    roles = [role for role in ROLES if any(term.role == role for _, c in counts for term in c.terms)]
    roles = [role for role in roles if measure == "parameters" or role not in ("bias", "norm")]
    legend = "".join(
        f'<li class="role-{role}"><i class="swatch"></i>{escape(t(language, f"parameters.role.{role}"))}</li>'
        for role in (roles if measure != "activation_bytes" else ())
    )
    label = escape(t(language, f"parameters.chart.{measure}"), quote=True)
    return f'<div class="stacks" role="group" aria-label="{label}">{rows}</div><ul class="roles">{legend}</ul>'


def _bar(language: str, c: BlockCount, position: int, reference: Counted | None, measure: str, largest: int) -> str:
    whole, kind = getattr(c, measure), t(language, f"parameters.kind.{c.kind}")
    pieces = _pieces(language, c, measure)
    stack = "".join(
        _piece(role, f"{name}: {all_digits}", _share(size, whole)) for role, name, size, all_digits in pieces if size
    )
    said = memory(whole) if measure == "activation_bytes" else exact(whole)
    saved = ""
    if reference and reference[0] != position:
        saved = escape(_signed(reduction(getattr(reference[1], measure), whole)))
    letter, wide = LETTERS[position], f"{100 * _share(whole, largest):.3f}%"
    return (
        f'<div class="stack col-{letter.lower()}"><span class="name"><b>{letter}</b>{escape(kind)}</span>'
        f'<span class="track"><span class="fill" style="width:{wide}">{stack}</span></span>'
        f'<span class="said"><b>{said}</b> <small>{saved}</small></span></div>'
    )


def _piece(role: str, said: str, share: float) -> str:
    return f'<i class="role-{role}" style="flex-grow:{share}" title="{escape(said, quote=True)}"></i>'


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6)


def _signed(saved: float) -> str:
    return _unbroken(percent(-saved, "+").replace("-", "−") if saved else "±0%")


def _unbroken(written: str) -> str:
    """No line ends between a number and its sign."""
    return written.replace(" ", "\N{NO-BREAK SPACE}")


def _pieces(language: str, c: BlockCount, measure: str) -> list[tuple[str, str, int, str]]:
    """Role, name, size and exact digits of what a bar is stacked from."""
    if measure == "activation_bytes":
        return [("memory", t(language, "parameters.fact.memory"), c.activation_bytes, f"{c.activation_bytes:,} B")]
    return [
        (term.role, term_name(language, term), getattr(term, measure), f"{getattr(term, measure):,}")
        for term in c.terms
    ]
