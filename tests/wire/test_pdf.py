"""Answers as PDF: everything that was written is there to be read."""

# ruff: noqa: RUF001 - lookalikes are meant

from __future__ import annotations

from io import BytesIO
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from zimgpt.wire.pdf import LONGEST, pdf

PAGE = """# Mitemo

Mhoro **shamwari**, *ndeipi*? A [link](https://example.org/?a=1&b=2), <https://x.org>.

1. One
   - inner
2. Two

| Crop | Yield |
|---|---|
| Maize | 1 < 2 |

```python
def f(x):
    return x & 1
```

> Ngiyabonga kakhulu.
"""


def read(made: bytes) -> str:
    """The words of a document, in lines as they stand there."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)


@pytest.mark.parametrize(
    "words",
    [
        "Mitemo",
        "Mhoro shamwari, ndeipi?",
        "link (https://example.org/?a=1&b=2)",
        "https://x.org.",
        "1. One",
        "inner",
        "2. Two",
        "Crop | Yield",
        "Maize | 1 < 2",
        "def f(x):\n    return x & 1",
        "Ngiyabonga kakhulu.",
    ],
)
def test_all_kinds_of_blocks_are_there(words: str) -> None:
    """With their words in order, and none of the marks of Markdown."""
    text = read(pdf(PAGE, title="Mibvunzo"))

    assert words in text
    assert "**" not in text


def test_a_title_is_a_heading_and_a_property() -> None:
    """Signs that have a meaning in markup are only signs."""
    reader = PdfReader(BytesIO(pdf("Text", title="What is <b> & c?")))

    assert reader.metadata is not None
    assert reader.metadata.title == "What is <b> & c?"
    assert "What is <b> & c?" in reader.pages[0].extract_text()


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("ẑimba", "zimba"),
        ("H₂O and x⁴", "H2O and x4"),
        ("α → β ✓", "α → β ✓"),
        ("well done 😀", "well done [grinning face]"),
        ("👩🏽‍🔬", "[woman][microscope]"),
        ("ﬀ, e\u0301, a\u200bb", "ff, é, ab"),
        ("漢字", "??"),
        ("`x → ẑ 😀`", "x → z [grinning face]"),
        ("    a ⁴ 😀", "a ^4 [grinning face]"),
        ("<b>bold</b> &amp; &lt;i&gt;", "<b>bold</b> & <i>"),
        ("Mashonaland’s “maize” – R$5…", "Mashonaland’s “maize” – R$5…"),
    ],
)
def test_signs_without_a_glyph_are_written_otherwise(markdown: str, words: str) -> None:
    """So that nobody sees an empty box."""
    assert words in read(pdf(markdown))


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        (r"So $\frac{a}{b} \le c$.", "So a/b ≤ c."),
        (r"\(x^2\)", "x²"),
        ("$$\n\\sqrt{y}\n$$", "√y"),
        ("It costs $5 or $10.", "It costs $5 or $10."),
    ],
)
def test_formulas_are_made_readable(markdown: str, words: str) -> None:
    """And sums of money stay what they are."""
    assert words in read(pdf(markdown))


def test_the_same_text_gives_the_same_bytes() -> None:
    """A document that is made again for a second try is the one of the first."""
    assert pdf(PAGE, title="a") == pdf(PAGE, title="a")


def test_many_pages_are_made_quickly() -> None:
    """Thirty, each with its number, in less time than a person notices."""
    began = process_time()
    made = pdf(PAGE * 110)
    took = process_time() - began

    pages = PdfReader(BytesIO(made)).pages
    assert len(pages) >= 30
    assert pages[29].extract_text().startswith("30\n")
    assert took < 5


def test_there_is_an_end_to_it() -> None:
    """What is longer than any answer is cut, not set for minutes."""
    made = pdf("a b c d e f g h i j\n\n" * (LONGEST // 10))

    assert len(PdfReader(BytesIO(made)).pages) < 500


@pytest.mark.parametrize("text", ["", "   ", "\n", "#", "```", "|", "$$", "[]()"])
def test_nothing_much_is_a_document_too(text: str) -> None:
    """It has one page."""
    assert len(PdfReader(BytesIO(pdf(text))).pages) == 1


@pytest.mark.parametrize(
    "text", ["x" * 5000, "`" + "y" * 5000 + "`", "> " * 90 + "deep"]
)
def test_what_does_not_fit_is_fitted(text: str) -> None:
    """Endless words are broken, and what is nested too deep is left out."""
    assert pdf(text).startswith(b"%PDF-")


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        st.sampled_from("ab \n#*_`~|>-1.[]()<>&$\\^{}!\té😀⁴\u0300\u200d"), max_size=120
    )
)
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a model writes."""
    assert pdf(text, title=text[:40]).startswith(b"%PDF-")
