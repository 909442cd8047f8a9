"""What making documents needs of the world."""

from __future__ import annotations

from zimgpt.domain.errors import Refusal


class DocumentsBusy(Refusal):
    """Too many documents are being made just now. Please try again in a moment."""

    code = "documents_busy"


class DocumentFailed(Refusal):
    """This document could not be made, and that was written down. Please fetch the text as Markdown (md) instead."""  # noqa: E501

    code = "document_failed"
