"""A document as Word's docx: a zip of WordprocessingML (ECMA-376).

What never changes, styles and settings, lies in ``word/``. The package is written here
and not by python-docx, which has neither footnotes nor lists that begin anew. The same
document gives the same bytes.
"""

from __future__ import annotations

import zipfile
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from zimgpt.domain.papers.structure import Paper, Run, Runs
from zimgpt.wire.papers.docx_body import NUMBERS, Body
from zimgpt.wire.papers.docx_runs import plain

AUTHOR: Final = "ZimGPT"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    f' xmlns:r="{_OFFICE}"'
)
_PARTS: Final = ("styles", "numbering", "settings", "footnotes", "footer")
_SECTION: Final = (
    '<w:sectPr><w:footerReference w:type="default" r:id="footer"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1418"'
    ' w:bottom="1418" w:left="1418" w:header="709" w:footer="709" w:gutter="0"/>'
    "</w:sectPr>"
)
_SEPARATORS: Final = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:pPr><w:spacing w:after="0"'
    ' w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:separator/></w:r></w:p>'
    '</w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:pPr>'
    '<w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r>'
    "<w:continuationSeparator/></w:r></w:p></w:footnote>"
)
_CHECKED: Final = "en-GB"
"""The language in the styles that we keep, by which a word processor checks."""
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""The time of each part: the earliest that a zip can say."""


def docx(paper: Paper, created: datetime) -> bytes:
    """The bytes; ``created`` is what the file says of its age."""
    body = Body()
    text = body.xml(paper)
    parts = {
        "[Content_Types].xml": _kept("content_types"),
        "_rels/.rels": _kept("package_rels"),
        "docProps/core.xml": _core(paper, created),
        "word/document.xml": f"{_HEAD}<w:document {_SPACES}><w:body>{text}{_SECTION}"
        "</w:body></w:document>",
        "word/_rels/document.xml.rels": _relations(body.writer.links.targets),
        "word/styles.xml": _kept("styles").replace(_CHECKED, paper.locale),
        "word/settings.xml": _kept("settings"),
        "word/numbering.xml": _numbering(body.numberings),
        "word/footnotes.xml": _footnotes(paper.notes),
        "word/footer.xml": _kept("footer"),
    }
    return _packed(parts)


def _packed(parts: dict[str, str]) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, part)
    return into.getvalue()


@lru_cache
def _kept(name: str) -> str:
    return (files("zimgpt.wire.papers") / "word" / f"{name}.xml").read_text("utf-8")


def _relations(targets: dict[str, str]) -> str:
    ours = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for name in _PARTS
    )
    links = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/hyperlink"'
        f' Target={quoteattr(target)} TargetMode="External"/>'
        for target, name in targets.items()
    )
    return (
        f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships">{ours}{links}</Relationships>'
    )


def _numbering(numberings: list[tuple[int, int]]) -> str:
    lists = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="1"/>'
        f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/>'
        "</w:lvlOverride></w:num>"
        for number, (level, start) in enumerate(numberings, start=NUMBERS + 1)
    )
    return _kept("numbering").replace("</w:numbering>", f"{lists}</w:numbering>")


def _footnotes(notes: tuple[Runs, ...]) -> str:
    told = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/>'
        '</w:pPr><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
        f"<w:footnoteRef/></w:r>{plain(Run(' '))}{_note(note)}</w:p></w:footnote>"
        for number, note in enumerate(notes, start=1)
    )
    return f"{_HEAD}<w:footnotes {_SPACES}>{_SEPARATORS}{told}</w:footnotes>"


def _note(runs: Runs) -> str:
    return "".join(plain(run) for run in runs)


def _core(paper: Paper, created: datetime) -> str:
    moment = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/'
        '2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(paper.title)}</dc:title><dc:creator>{AUTHOR}</dc:creator>"
        f"<dc:language>{paper.locale}</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified>'
        "</cp:coreProperties>"
    )
