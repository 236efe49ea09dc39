"""What must hold within a fact and between facts, a room for each kind. Each yields complaints: path, what, remedy."""
