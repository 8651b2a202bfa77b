"""What an amount is: figures, signs, currencies, units, fractions."""
