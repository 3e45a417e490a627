"""The nouns: frozen values that every other room shares. Standard library only; nothing here reads or writes."""
