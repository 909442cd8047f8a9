"""What the doubles of Meta and of Paynow have in common: sites on loopback, what their
doors answer, and logs that stay silent."""
