"""The doctor: small checks with fixed ids that find, before, during and after a training, why a model would not answer in the format.

B1-B9 before, D1-D3 during, A1-A6 after, S1-S5 wherever the model is served.
"""
