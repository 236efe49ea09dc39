"""Recordings of many people: a BIDS data set walked by a plan, measures and reports written, stopped and resumed."""
