"""Translation: core values to and from other formats. Pure; no room is built yet."""
