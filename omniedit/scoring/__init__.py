"""Judges of edits: SC and PQ from 0 to 10 as in the paper's section 3.3, and the weight that follows from them."""

from omniedit.scoring.judge import JUDGES, Judge, Sample, load_judge

__all__ = ["JUDGES", "Judge", "Sample", "load_judge"]
