"""The workspace's database: locked writing, publishing for readers, backups, the journal, and questions in SQL."""

from execution.store.backups import backup, restore
from execution.store.differing import has_same_rows, is_same
from execution.store.lock import DEFAULT_TIMEOUT_S
from execution.store.looking import looking
from execution.store.migrations import has_table
from execution.store.publishing import Publication, current, newest, publish, reader
from execution.store.querying import Answer, query
from execution.store.stored import Stored
from execution.store.writer import (
    all_made_from,
    change,
    changes,
    has_news,
    made_from,
    publish_news,
    record_made,
    writer,
)

__all__ = [
    "DEFAULT_TIMEOUT_S", "Answer", "Publication", "Stored", "all_made_from", "backup", "change", "changes", "current",
    "has_news", "has_same_rows", "has_table", "is_same", "looking", "made_from", "newest", "publish",
    "publish_news", "query", "reader", "record_made", "restore", "writer",
]  # fmt: skip
