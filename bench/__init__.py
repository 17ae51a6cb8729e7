"""How fast is it? `run.py` measures, `README.md` explains."""
