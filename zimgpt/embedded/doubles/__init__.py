"""What the doubles of Meta and of Paynow have in common: their sites on loopback, their
control doors and their processes beside a server."""
