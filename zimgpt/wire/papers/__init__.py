"""Documents as bytes: PDF, Word, plain text and Markdown."""
