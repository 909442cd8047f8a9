"""WhatsApp in PostgreSQL: what came, who its people are, and what they are sent."""
