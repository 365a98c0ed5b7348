"""What panels are made of: queries, series, tables, variables and the frame."""
