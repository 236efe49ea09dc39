"""Laboratory: concentrations with unit, matrix and limit in, measures out. Serum is not plasma."""
