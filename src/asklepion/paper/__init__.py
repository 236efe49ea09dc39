"""On paper: estimates and measures in; SVG, tables and reports out. It computes nothing."""
