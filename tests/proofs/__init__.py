"""Proofs that nothing is doubled and nothing lost, each a script: `python -m proofs.kills`, or `make kills`."""
