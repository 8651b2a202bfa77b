"""The nouns by family: what is kept, as plain values."""
