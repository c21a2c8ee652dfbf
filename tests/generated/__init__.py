"""Valid submissions of random size and content, and named faults to put into them.

``words`` holds the vocabulary, ``submissions`` the hypothesis strategies, ``drafts`` a submission that a fault may
change, ``faults`` the faults, a module per family of rules. To prove a new rule, add a fault to its family's module.
"""
