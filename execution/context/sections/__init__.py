"""The SELECTs that give the facts of accounts, one file for each kind of row.

Each gives the number of the account (`no`), the row's rank in it (`place`, the most important first), how many there
are of its group (`total`), and the fields of a class of `execution.context.facts`. They read the entities as
`execution.context.accounts` has them, and `context_people` and `context_accounts`, which come first.

Whatever depends on the moment is told here and not later, so that what is equal here is equal in every file. The
parameters are $as_of, $today, $recent, $lately, $quiet, $renewal, and the names of the scores that stand for accounts.
"""
