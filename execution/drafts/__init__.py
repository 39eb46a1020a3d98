"""Drafts of what is written to an account: templates of the sales toolkit, filled with facts and never with guesses.

A draft says what is known, marks what is not as a gap for a person to fill, and lists each fact that it uses with
where it stands in the store. Nothing is sent. `kinds` finds the templates, `environment` checks them, `facts` reads an
account, `run` fills one; checking reads no store.
"""
