"""Heart: intervals between beats in, marks of artefacts and measures of variability out; docs/methods/heart.md."""
