"""Seven invented payers to try the sweep on: pages, claims, faults and the truth about them."""
