"""Whether SQL in a directive is pure, deterministic and bound to columns that exist.

Three looks at the author's unchanged text: the engine's parser says which functions and tables it would reach
(`reach`), sqlglot's tree shows what would make its result depend on chance (`tree`, `order`, `missing`), and where both
find nothing the engine binds it and runs it on empty tables (`binding`). `looks.Looks` does all three, and
`checking.Checker` only those that a `memory.Memory` does not spare it.
"""
