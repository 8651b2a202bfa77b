"""What a firm's administrators do from their Home tab."""
