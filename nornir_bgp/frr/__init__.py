"""FRR's language: its tables, its policy objects, its configuration and its errors."""
