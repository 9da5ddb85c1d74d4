"""Django's SQLite backend on a current SQLite, set up for a ledger."""
