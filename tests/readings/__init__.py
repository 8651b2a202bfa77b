"""Ledgers whose truth is known, printed as many programs print them, and read: `make readings`."""
