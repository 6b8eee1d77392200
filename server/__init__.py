"""Remitlens: what is known, decided and answered. Knows no browser."""
