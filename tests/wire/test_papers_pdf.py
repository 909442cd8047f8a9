"""Answers as PDF: everything that was written is there to be read."""

# ruff: noqa: RUF001 - lookalikes are meant

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.wire.papers import set_, words_of_pdf
from zimgpt.wire.papers import pdf as pdf_module
from zimgpt.wire.papers.faces import FACES

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

> Ngiyabonga kakhulu.[^1]

[^1]: Beach 1986.
"""


def pdf(markdown: str, title: str = "") -> bytes:
    """A document of one text."""
    return pdf_module.pdf(set_(markdown, title))


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
        "Crop Yield",
        "Maize 1 < 2",
        "def f(x):\n    return x & 1",
        "Ngiyabonga kakhulu.1",
        "1 Beach 1986.",
    ],
)
def test_all_kinds_of_blocks_are_there(words: str) -> None:
    """With their words in order, and none of the marks of Markdown."""
    text = words_of_pdf(pdf(PAGE, title="Mibvunzo"))

    assert "".join(words.split()) in "".join(text.split())
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
        ("ẑimba", "ẑimba"),
        ("H₂O and x⁴", "H₂O and x⁴"),
        ("α → β ✓ ∅", "α → β ✓ ∅"),
        ("well done 🦁", "well done [lion face]"),
        ("👩🏽‍🔬 🇿🇼", "[woman][microscope] [flag ZW]"),
        ("ﬀ, e\u0301, a\u200bb", "ﬀ, é, ab"),
        ("漢字", "[U+6F22][U+5B57]"),
        ("`x → ẑ 🦁`", "x → ẑ [lion face]"),
        ("    a ⁴ 🦁", "a ⁴ [lion face]"),
        ("<b>bold</b> &amp; &lt;i&gt;", "<b>bold</b> & <i>"),
        ("Mashonaland’s “maize” – R$5…", "Mashonaland’s “maize” – R$5…"),
        ("ng’ombe ŋoma ḓoba", "ng’ombe ŋoma ḓoba"),
    ],
)
def test_signs_without_a_glyph_are_written_otherwise(markdown: str, words: str) -> None:
    """So that nobody sees an empty box."""
    assert words in words_of_pdf(pdf(markdown))


def test_every_font_is_in_the_file() -> None:
    """A school's printer has none of ours, and only the signs in use are carried."""
    made = pdf(PAGE + "\n\n*a* **b** ***c*** `d` ∅ 🦁")
    fonts: dict[str, Any] = {}
    for page in PdfReader(BytesIO(made)).pages:
        known: Any = page["/Resources"]
        for font in known["/Font"].values():
            told = font.get_object()
            fonts[told["/BaseFont"]] = told["/FontDescriptor"].get("/FontFile2")

    assert {str(name).partition("+")[2] for name in fonts} == set(FACES)
    assert all(fonts.values())
    assert len(made) < 150_000


def test_the_same_text_gives_the_same_bytes() -> None:
    """A document that is made again for a second try is the one of the first."""
    assert pdf(PAGE, title="a") == pdf(PAGE, title="a")


def test_every_page_has_its_number() -> None:
    """Under its text."""
    pages = PdfReader(BytesIO(pdf(PAGE * 12))).pages

    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert page.extract_text().startswith(f"{number}\n")


@pytest.mark.parametrize("text", ["", "   ", "\n", "#", "```", "|", "$$", "[]()"])
def test_nothing_much_is_a_document_too(text: str) -> None:
    """It has one page."""
    assert len(PdfReader(BytesIO(pdf(text))).pages) == 1


@pytest.mark.parametrize(
    "text", ["x" * 5000, "`" + "y" * 5000 + "`", "> " * 90 + "deep", "- " * 90 + "deep"]
)
def test_what_does_not_fit_is_fitted(text: str) -> None:
    """Endless words are broken, and what is nested too deep is shown as it stands."""
    found = "".join(words_of_pdf(pdf(text)).split())

    assert max("xyp", key=text.count) in found
    assert "".join(text.replace("`", "").split())[-50:] in found


@settings(max_examples=40)
@given(
    st.text(
        st.sampled_from("ab \n#*_`~|>-1.[]()<>&$\\^{}!:\té😀⁴\u0300\u200d"),
        max_size=120,
    )
)
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a model writes."""
    assert pdf(text, title=text[:40]).startswith(b"%PDF-")
