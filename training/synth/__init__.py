"""Algorithm 1 of the paper: specialists make training pairs, a judge weighs them.

python -m training.synth PHOTOS OUT
"""
