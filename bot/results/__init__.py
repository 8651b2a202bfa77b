"""Reading back what Clio holds, and what is asked later."""
