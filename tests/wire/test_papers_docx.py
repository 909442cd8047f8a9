"""Word files that open without being repaired."""

from __future__ import annotations

import zipfile
from io import BytesIO
from xml.etree import ElementTree

import attrs
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.fifty import FIFTY, Text
from tests.wire.papers import NOON, R, W, part, set_
from zimgpt.domain.texts import Language
from zimgpt.wire.papers.docx import docx

ESSAY = """# Mitemo

Mhoro **shamwari**[^1], see [here](https://example.org/?a=1&b=2).[^2] Again[^1].

1. One
   - inner
     1. deep
2. Two

between

5. five

> Ngiyabonga.

```
code
```

| Crop | Yield |
|---|---:|
| Maize | 3 |

---

## Mareferensi

[^1]: Beach 1986.
[^2]: Ranger 1967.
"""
MADE = docx(set_(ESSAY, "Title"), NOON)


def values(root: ElementTree.Element, tag: str, name: str = "val") -> list[str]:
    """An attribute of all elements of a kind, in order."""
    return [
        one.attrib[W + name] for one in root.iter(W + tag) if W + name in one.attrib
    ]


def styles(made: bytes) -> list[tuple[str, str]]:
    """Style and words of each paragraph, as a library reads them."""
    found = [
        (one.style.name if one.style else "", one.text)
        for one in Document(BytesIO(made)).paragraphs
    ]
    return [(style, words) for style, words in found if words]


def test_every_paragraph_has_its_real_style() -> None:
    """So that Word's navigation, table of contents and restyling work."""
    assert styles(MADE) == [
        ("Title", "Title"),
        ("Subtitle", "Words: 26\nDate: 25 November 2026"),
        (
            "Remark",
            "An AI model wrote this text. Check each reference yourself before you hand"
            " it in: some may be wrong or not exist.",
        ),
        ("Heading 1", "Mitemo"),
        (
            "Normal",
            "Mhoro shamwari, see here (https://example.org/?a=1&b=2). Again1.",
        ),
        ("List Number", "One"),
        ("List Bullet", "inner"),
        ("List Number", "deep"),
        ("List Number", "Two"),
        ("Normal", "between"),
        ("List Number", "five"),
        ("Quote", "Ngiyabonga."),
        ("Code", "code"),
        ("Heading 2", "Mareferensi"),
    ]


def test_lists_begin_where_they_say() -> None:
    """Each numbered list is one of its own, at its level, with its first number."""
    numbered = [
        (one.find(f"{W}ilvl"), one.find(f"{W}numId"))
        for one in part(MADE, "word/document.xml").iter(f"{W}numPr")
    ]
    levels = [
        (level.attrib[f"{W}val"], number.attrib[f"{W}val"])
        for level, number in numbered
        if level is not None and number is not None
    ]
    starts = values(part(MADE, "word/numbering.xml"), "startOverride")

    assert levels == [("0", "3"), ("1", "1"), ("2", "4"), ("0", "3"), ("0", "5")]
    assert starts == ["1", "1", "5"]


def test_footnotes_are_footnotes() -> None:
    """Referred to once each, so that Word numbers them as they are numbered here."""
    referred = values(part(MADE, "word/document.xml"), "footnoteReference", "id")
    notes = part(MADE, "word/footnotes.xml")

    assert referred == ["1", "2"]
    assert values(notes, "footnote", "id") == ["-1", "0", "1", "2"]
    assert "Ranger 1967." in "".join(one.text or "" for one in notes.iter(f"{W}t"))


def test_a_table_repeats_its_headings() -> None:
    """And has its columns on the sides that were asked for."""
    [table] = Document(BytesIO(MADE)).tables

    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [["Crop", "Yield"], ["Maize", "3"]]
    document = part(MADE, "word/document.xml")
    assert len([*document.iter(f"{W}tblHeader")]) == 1
    assert values(document, "jc") == ["left", "right"] * 2


def test_pages_are_numbered() -> None:
    """By a field in the footer of A4 paper."""
    assert values(part(MADE, "word/footer.xml"), "fldSimple", "instr") == [" PAGE "]
    assert values(part(MADE, "word/document.xml"), "pgSz", "w") == ["11906"]


def test_what_the_file_says_of_itself() -> None:
    """Its title and age, and nothing of the machine that made it."""
    told = Document(BytesIO(docx(set_("x", "What is <b> & c?"), NOON))).core_properties

    assert (told.title, told.author) == ("What is <b> & c?", "ZimGPT")
    assert told.created == NOON
    assert told.last_modified_by == ""


def test_the_same_document_gives_the_same_bytes() -> None:
    """A file that is fetched again is the one of the first time."""
    assert docx(set_(ESSAY, "Title"), NOON) == MADE


def check(made: bytes) -> None:
    """What a word processor would repair: parts that do not parse or fit together."""
    with zipfile.ZipFile(BytesIO(made)) as packed:
        assert packed.testzip() is None
        roots = {
            name: ElementTree.fromstring(packed.read(name))
            for name in packed.namelist()
        }
    document = roots["word/document.xml"]
    known = {one.attrib["Id"] for one in roots["word/_rels/document.xml.rels"]}
    assert {
        value
        for one in document.iter()
        for name, value in one.attrib.items()
        if name == f"{R}id"
    } <= known
    named = set(values(roots["word/styles.xml"], "style", "styleId"))
    for root in (document, roots["word/footnotes.xml"], roots["word/footer.xml"]):
        for tag in ("pStyle", "rStyle", "tblStyle"):
            assert set(values(root, tag)) <= named
    numbers = set(values(roots["word/numbering.xml"], "num", "numId"))
    assert set(values(document, "numId")) <= numbers
    assert {int(level) for level in values(document, "ilvl")} <= set(range(9))
    notes = set(values(roots["word/footnotes.xml"], "footnote", "id"))
    referred = values(document, "footnoteReference", "id")
    assert set(referred) <= notes
    assert len(referred) == len(set(referred))
    for table in document.iter(f"{W}tbl"):
        columns = len([*table.iter(f"{W}gridCol")])
        for row in table.iter(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            assert len(cells) == columns
            assert all(cell[-1].tag == f"{W}p" for cell in cells)


@pytest.mark.parametrize("one", FIFTY, ids=[one.name for one in FIFTY])
def test_parts_fit_together(one: Text) -> None:
    """Every style, list, footnote and link that is referred to exists."""
    check(docx(set_(one.markdown), NOON))


@settings(max_examples=40)
@given(
    st.text(
        st.sampled_from(
            "ab \n#*_`~|>-1.[]()<>&$\\^{}!:\té😀⁴\u0300\u200d\x00\x0b\ufffe"
        ),
        max_size=120,
    )
)
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a model writes, also what XML cannot hold."""
    check(docx(set_(text, text[:40]), NOON))


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        (Language.ENGLISH, "en-GB"),
        (Language.SHONA, "sn-ZW"),
        (Language.NDEBELE, "nd-ZW"),
    ],
)
def test_spelling_is_checked_in_the_language_of_the_text(
    language: Language, locale: str
) -> None:
    """A word processor is told which, and so is whoever lists files."""
    made = docx(attrs.evolve(set_("Mhoro."), language=language), NOON)

    assert values(part(made, "word/styles.xml"), "lang") == [locale]
    core = part(made, "docProps/core.xml")
    assert [one.text for one in core if one.tag.endswith("language")] == [locale]
