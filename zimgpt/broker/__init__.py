"""One port, two adapters: RabbitMQ, and this process alone."""
