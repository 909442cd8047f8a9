"""ChatGPT for Zimbabwe: questions over websocket and WhatsApp, paid for in tokens."""
