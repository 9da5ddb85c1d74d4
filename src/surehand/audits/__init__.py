"""The record audit: which live records are selected, how each is checked, why gaps arise, what
refreshes, and whether it worked (2.1-2.5, 2.7)."""
