"""Brain networks: time x parcels and a network label per parcel in, measures out; docs/methods/brain.md."""
