"""Makes ``twistd zimgpt`` known. Imports nothing that picks a reactor."""

from twisted.application.service import ServiceMaker

zimgpt = ServiceMaker(
    "ZimGPT",
    "zimgpt.tap",
    "ChatGPT for Zimbabwe: web, websocket and worker on one reactor.",
    "zimgpt",
)
