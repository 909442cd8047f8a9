"""Markdown and formulas, as a messenger shows them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.chat_format import formatted
from zimgpt.domain.chat_format.latex import readable

FIXTURES = {
    "plain words": ("Mhoro, makadii?", "Mhoro, makadii?"),
    "bold": ("This is **bold**.", "This is *bold*."),
    "bold with underscores": ("This is __bold__.", "This is *bold*."),
    "italic": ("This is *new* and _old_.", "This is _new_ and _old_."),
    "bold and italic": ("***both***", "_*both*_"),
    "italic in bold": ("**very *much* so**", "*very _much_ so*"),
    "struck": ("~~wrong~~ right", "~wrong~ right"),
    "code": ("Use `print(x)`.", "Use `print(x)`."),
    "marks in code stay": ("`a*b*c _d_`", "`a*b*c _d_`"),
    "heading": ("# The Rozvi", "*The Rozvi*"),
    "deep heading": ("#### The Rozvi", "*The Rozvi*"),
    "underlined heading": ("The Rozvi\n=========", "*The Rozvi*"),
    "bold heading": ("## **Why** it fell", "*Why it fell*"),
    "heading with italic": ("## The *Mutapa* state", "*The _Mutapa_ state*"),
    "paragraphs": ("One.\n\nTwo.", "One.\n\nTwo."),
    "too many empty lines": ("One.\n\n\n\n\nTwo.", "One.\n\nTwo."),
    "line breaks": ("Roses\nViolets  \nSugar", "Roses\nViolets\nSugar"),
    "windows line ends": ("One.\r\n\r\nTwo.", "One.\n\nTwo."),
    "bullets": ("* maize\n* millet", "- maize\n- millet"),
    "plus bullets": ("+ maize\n+ millet", "- maize\n- millet"),
    "nested bullets": ("- a\n  - b\n    - c", "- a\n  - b\n    - c"),
    "numbers": ("1. plough\n2. plant", "1. plough\n2. plant"),
    "numbers from four": ("4. weed\n5. reap", "4. weed\n5. reap"),
    "bullets under numbers": ("1. a\n   - b\n2. c", "1. a\n  - b\n2. c"),
    "bold in bullets": ("- **Rain**: 600 mm", "- *Rain*: 600 mm"),
    "code in bullets": ("- a\n\n  ```\n  x\n  ```", "- a\n  ```\n  x\n  ```"),
    "quote": ("> Pamberi\n> nekudzidza", "> Pamberi\n> nekudzidza"),
    "quote of paragraphs": ("> a\n>\n> b", "> a\n>\n> b"),
    "code block": ("```python\nx = 1\n```", "```\nx = 1\n```"),
    "code block of tildes": ("~~~\nx\n~~~", "```\nx\n```"),
    "indented code": ("    x = 1", "```\nx = 1\n```"),
    "code that is not closed": ("```\nx = 1", "```\nx = 1\n```"),
    "marks in a block stay": ("```\n**x** $y$\n```", "```\n**x** $y$\n```"),
    "fence in a block": ("````\n```\n````", "```\nˋˋˋ\n```"),
    "rule": ("One\n\n---\n\nTwo", "One\n\n———\n\nTwo"),
    "link": ("[ZIMSEC](https://zimsec.co.zw)", "ZIMSEC (https://zimsec.co.zw)"),
    "bare link": ("<https://zimsec.co.zw>", "https://zimsec.co.zw"),
    "mail": ("<info@zimsec.co.zw>", "info@zimsec.co.zw"),
    "picture": ("![Map](https://a.zw/m.png)", "Map (https://a.zw/m.png)"),
    "table of two": (
        "| Country | Capital |\n|---|---|\n| Malawi | Lilongwe |\n| Zambia | Lusaka |",
        "*Country: Capital*\n- Malawi: Lilongwe\n- Zambia: Lusaka",
    ),
    "table of three": (
        "| Crop | Rain | Days |\n|---|---|---|\n| Maize | 600 | 120 |",
        "*Crop: Rain, Days*\n- Maize: Rain 600; Days 120",
    ),
    "table with gaps": (
        "| Crop | Rain | Days |\n|---|---|---|\n| Maize | | 120 |\n| | 5 | |",
        "*Crop: Rain, Days*\n- Maize: Days 120\n- Rain 5",
    ),
    "table with bold": ("| **a** | b |\n|---|---|\n| **c** | d |", "*a: b*\n- c: d"),
    "words with underscores": ("my_new_name", "my_new_name"),
    "multiplication": ("2 * 3 * 4", "2 * 3 * 4"),
    "stars that are no marks": ("5 stars: \\*good\\*", "5 stars: ∗good∗"),
    "underscores that are no marks": ("\\_init\\_", "ˍinitˍ"),
    "bold that never closes": ("**Note: this", "∗∗Note: this"),
    "bold within a word": ("un**believ**able", "unbelievable"),
    "bold next to a stop": ("**Stop**. Go", "*Stop*. Go"),
    "bold over two lines": ("**one\ntwo**", "*one two*"),
    "tags": ("a <b>c</b> &amp; d", "a <b>c</b> & d"),
    "power": ("$x^2 + y^{10}$", "x² + y¹⁰"),
    "index": ("$H_2O$ and \\(CO_2\\)", "H₂O and CO₂"),
    "fraction": (r"$\frac{1}{2}$ of $\frac{a+b}{c}$", "1/2 of (a+b)/c"),
    "greek": (r"$\alpha \leq \Omega$", "α ≤ Ω"),
    "roots": (r"$\sqrt{2}, \sqrt{x+1}, \sqrt[3]{8}$", "√2, √(x+1), ∛8"),
    "sum": (r"$$\sum_{i=1}^{n} i = \frac{n(n+1)}{2}$$", "∑ᵢ₌₁ⁿ i = n(n+1)/2"),
    "display over lines": ("\\[\nE = mc^2\n\\]", "E = mc²"),
    "quadratic": (
        r"$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$",
        "x = (-b ± √(b² - 4ac))/2a",
    ),
    "degrees": (r"$30^\circ$ and $25\,^{\circ}\text{C}$", "30° and 25 °C"),
    "cases on lines": (r"$$a = 1 \\ b = 2$$", "a = 1\nb = 2"),
    "brackets that grow": (r"$\left( x \right)^2$, $\left. y \right|$", "( x )², y |"),
    "matrix": (
        r"$$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$",
        "1 2\n3 4",
    ),
    "names in formulas": (r"$\text{Area} = \sin \theta$", "Area = sin θ"),
    "choose": (r"$\binom{n}{k}$", "C(n, k)"),
    "vectors": (r"$\vec{v}$, $\bar{xy}$", "v\u20d7, xy"),
    "style in formulas": (r"$\displaystyle \lim_{x \to 0} f'(x)$", "lim(x → 0) f'(x)"),
    "letters without small signs": (r"$x^{Q}, x_b, f^{\prime}$", "x^Q, x_b, f′"),
    "words below": (r"$v_{final}$ and $F_{net, x}$", "v_final and F(net, x)"),
    "words above": (r"$e^{i\pi}$ and $x^{}$", "e^(iπ) and x"),
    "strange root": (r"$\sqrt[n]{x}$", "ⁿ√x"),
    "unknown command": (r"$\weird{x}$", r"\weirdx"),
    "money": ("It is $5 or $10, US$3-US$4.", "It is $5 or $10, US$3-US$4."),
    "formula in bold": ("**Area: $\\pi r^2$**", "*Area: π r²*"),
    "formula in a bullet": ("- $x^2$", "- x²"),
    "product in a formula": ("$a*b*c$", "a*b*c"),
    "chemistry": (r"$2H_2 + O_2 \rightarrow 2H_2O$", "2H₂ + O₂ → 2H₂O"),
}

MARKDOWN = st.text(
    alphabet=st.sampled_from("ab *_~`#>-1.\n|$\\^{}[]()!é🇿🇼👩🏾‍🌾&<"), max_size=80
) | st.text(max_size=80)


@pytest.mark.parametrize("name", FIXTURES)
def test_markdown_is_shown_as_a_messenger_can(name: str) -> None:
    """Each kind of Markdown has one form in a messenger."""
    markdown, expected = FIXTURES[name]

    assert formatted(markdown) == expected


@given(MARKDOWN)
def test_no_letter_is_lost(markdown: str) -> None:
    """Whatever a model writes, its words arrive: only marks change."""
    words = re.sub(r"[^a-z]", "", "".join(c for c in markdown if c in "abxyz"))

    shown = formatted(re.sub(r"[&\\\[\]()$`~<!#]", "", markdown))

    assert len(re.findall("[abxyz]", shown)) >= len(words)


@given(MARKDOWN)
def test_nothing_private_is_left(markdown: str) -> None:
    """Signs that we use in between never reach a person."""
    assert not re.search("[\ue000-\ue00f]", formatted(markdown))


@given(st.text(alphabet="ab ,.?!é🇿🇼\n1", max_size=200))
def test_plain_words_stay_as_they_are(text: str) -> None:
    """What has no marks is changed in nothing but its spaces, and only once."""
    once = formatted(text)

    assert once.split() == text.split()
    assert formatted(once) == once


@given(st.text(max_size=60))
def test_any_formula_ends(source: str) -> None:
    """A formula that makes no sense is still shown."""
    assert isinstance(readable(source), str)


@pytest.mark.parametrize("source", ["{" * 5_000, "x^" * 5_000, r"\frac" * 5_000])
def test_a_formula_without_end_is_shown(source: str) -> None:
    """Groups within groups within groups do not end the process."""
    assert isinstance(readable(source), str)


@given(st.sampled_from(["*", "_", "`", "[", ">", "- ", "$", "|", "~", "![", "\n>"]))
def test_a_hostile_answer_takes_little_time(sign: str) -> None:
    """Thirty thousand marks that never close are formatted, too."""
    assert isinstance(formatted(sign * 10_000 + "x"), str)


@pytest.mark.parametrize("sign", [">", "- ", "1. ", "> - "])
@pytest.mark.parametrize("times", [10, 25, 100, 3_000])
def test_what_is_nested_too_deep_is_still_shown(sign: str, times: int) -> None:
    """The words arrive, if not as a quote of a quote of a quote."""
    assert formatted(sign * times + "word").endswith("word")


def test_private_signs_of_a_writer_are_dropped() -> None:
    """Nobody can make marks of signs that we use ourselves."""
    assert formatted("a \ue000b\ue003 c") == "a b c"
