"""The WhatsApp Business Platform (Cloud API): what its bytes mean, and ours to it.

``signature`` and ``handshake`` say who is at the door; ``incoming`` reads a webhook
into a ``Delivery`` of the values in ``events``; ``outgoing`` writes what is sent,
within ``limits``; ``replies`` reads the answers; ``troubles`` says what a failure asks.

https://developers.facebook.com/documentation/business-messaging/whatsapp
"""
