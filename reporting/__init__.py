"""How each report is composed: a small class and its template. Rendered reports are in `output/`."""
