"""Fifty texts as models write them, and what must still be there in a file."""

# ruff: noqa: RUF001 - lookalikes are meant

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import attrs

FENCE = re.compile(r"^\s*(```|~~~)\s*\w*\s*$", re.MULTILINE)
MARKS = re.compile(r"^[\s>]*\d+[.)](?=\s)|<br\s*/?>|&\w+;|\[\^\w+\]|:?-{3,}:?", re.M)
WORD = re.compile(r"[^\W_]+")


@attrs.frozen
class Text:
    """A text; ``words`` are those that a file has, if they are not the text's own."""

    name: str
    markdown: str
    words: tuple[str, ...] = ()

    def kept(self) -> Counter[str]:
        """Words, and how often each must be there at least."""
        if self.words:
            return Counter(self.words)
        plain = MARKS.sub(" ", FENCE.sub(" ", self.markdown))
        return Counter(WORD.findall(plain))


LONG = "Donaudampfschifffahrt" * 40
URL = "https://example.org/a/very/long/path/" + "x" * 300

_TEXTS = {
    "a paragraph": "Mvura inobva kumakomo.",
    "two paragraphs": "Yekutanga.\n\nYechipiri.",
    "soft lines": "one\ntwo\nthree",
    "hard lines": "one  \ntwo\\\nthree",
    "headings": "# One\n\n## Two\n\n### Three\n\n#### Four\n\n##### Five\n\n###### Six",
    "underlined headings": "Title\n=====\n\nPart\n----\n\ntext",
    "bold and italic": "**bold** *italic* ***both*** ~~gone~~ __b__ _i_",
    "marks in words": "un*frigging*believable and 2*3*4",
    "code in a line": "Use `print(x)` and ``a ` b``.",
    "a fence": "```python\ndef f(x):\n    return x\n```",
    "a fence of tildes": "~~~\nplain\n  indented\n~~~",
    "an open fence": "```js\nlet a = 1;",
    "indented code": "text\n\n    for i in range(3):\n        print(i)",
    "long lines of code": "```\n" + "value = compute(" * 30 + "\n```",
    "a long program": "```\n"
    + "\n".join(f"line{n} = {n}" for n in range(300))
    + "\n```",
    "tabs in code": "```\nif x:\n\treturn\ty\n```",
    "bullets": "- one\n- two\n- three",
    "numbers": "1. one\n2. two\n3. three",
    "numbers from seven": "7. seven\n8. eight",
    "large numbers": "1998. year\n1999. next",
    "nested bullets": "- a\n  - b\n    - c\n      - d\n        - e\n- f",
    "nested numbers": "1. a\n   1. b\n      1. c\n   2. d\n2. e",
    "bullets in numbers": "1. first\n   - inner\n   - more\n2. second",
    "paragraphs in items": "- one\n\n  more of one\n\n- two",
    "code in items": "1. run\n\n   ```sh\n   make run\n   ```\n2. look",
    "tables in items": "- see\n\n  | a | b |\n  |---|---|\n  | c | d |",
    "an item of code alone": "-     code here\n- next",
    "empty items": "-\n- two\n-",
    "tasks": "- [ ] open\n- [x] done",
    "twelve levels": "\n".join("  " * n + f"- level{n}" for n in range(12)),
    "a quotation": "> Munhu munhu nekuda kwevanhu.\n> Ndizvozvo.",
    "nested quotations": "> one\n>\n> > two\n> >\n> > > three",
    "a list in a quotation": "> - a\n> - b\n>\n> end",
    "a table": "| Crop | Yield |\n|---|---|\n| Maize | 3 |\n| Sorghum | 2 |",
    "aligned columns": "| a | b | c |\n|:--|:-:|--:|\n| left | middle | right |",
    "a table with marks": "| a | b |\n|---|---|\n| **x** `y` | one<br>two |",
    "a wide table": "|"
    + "|".join(f"h{n}" for n in range(16))
    + "|\n|"
    + "---|" * 16
    + "\n|"
    + "|".join(f"c{n}" for n in range(16))
    + "|",
    "a tall cell": "| a | b |\n|---|---|\n| " + "long words here " * 400 + " | end |",
    "a long table": "| n | square |\n|---|---|\n"
    + "\n".join(f"| {n} | {n * n} |" for n in range(200)),
    "ragged rows": "| a | b |\n|---|---|\n| one |\n| two | three |",
    "pictures": "![A map of Gwanda](https://example.org/gwanda.png)",
    "a rule": "above\n\n---\n\nbelow",
    "entities and tags": "R&amp;D, 1 < 2 > 0, <b>not bold</b>, &lt;i&gt;",
    "shona and ndebele": "Ng'ombe n’anga dzvuku ʼ; ukungqubuzana, iqhawe, ubuqaqawuli.",
    "emoji": "Well done 😀 🦁 👩🏽‍🏫 🇿🇼 ✓ ★ ☎",
}

_OTHERS = (
    Text("a very long word", LONG, (LONG,)),
    Text("a very long address", f"See <{URL}>.", ("See", URL)),
    Text(
        "links",
        "A [link](https://example.org/?a=1&b=2), <https://zim.example>,"
        " [mail](mailto:a@example.org) and [odd](javascript:alert) [ref][r].\n\n"
        "[r]: https://ref.example",
        (
            *("link", "https://example.org/?a=1&b=2", "https://zim.example", "mail"),
            *("a@example.org", "odd", "alert", "ref", "https://ref.example"),
        ),
    ),
    Text(
        "formulas",
        r"If $\frac{a}{b} \leq \sqrt{x^2+1}$ then \(y_1 = \alpha\)."
        "\n\n$$\n\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}\n$$\n\nIt costs $5 or $10.",
        ("If", "a/b", "√", "x²+1", "α", "∑", "n(n+1)", "/2", "$5", "$10"),
    ),
    Text(
        "footnotes",
        "Risen[^1] twice[^b] and again[^1].\n\n[^1]: Beach 1986, *War*.\n"
        "[^b]: Two parts.\n\n    And `code`.\n[^alone]: Nobody points here.",
        (
            *("Risen", "twice", "again", "Beach", "1986", "War", "Two", "parts"),
            *("And", "code", "Nobody", "points", "here"),
        ),
    ),
)

FIFTY = (*(Text(name, text) for name, text in _TEXTS.items()), *_OTHERS)


def missing(text: Text, file: str) -> Iterator[str]:
    """Words that a file lacks; spaces do not count, for lines may break anywhere."""
    squeezed = re.sub(r"\s+", "", file)
    for word, number in text.kept().items():
        if squeezed.count(word) < number:
            yield word
