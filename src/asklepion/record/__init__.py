"""Memory: the ledger, what is projected from it, people, accounts and drafts. Tables are private to this room."""
