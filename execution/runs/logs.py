"""A log file per schedule in data/logs, rotated: what ran unattended, and what it said."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from time import gmtime

from execution.runs.schedules import ScheduleRun
from execution.workspace import Workspace

_BYTES = 1_000_000
_KEPT = 5


@contextmanager
def log_of(workspace: Workspace, name: str) -> Iterator[logging.Logger]:
    """The schedule's own log, in UTC; a megabyte a file, five kept."""
    workspace.logs.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        workspace.logs / f"{name}.log", maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True
    )
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = gmtime
    handler.setFormatter(formatter)
    logger = logging.getLogger(f"gtm.schedules.{name}")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        logger.removeHandler(handler)
        handler.close()


def write(logger: logging.Logger, run: ScheduleRun) -> None:
    """One line per note and step; a run that was not due leaves no line."""
    if run.skipped:
        if run.is_due:
            logger.warning("%s: not run: %s", run.schedule, run.skipped)
        return
    for note in run.notes:
        logger.info("%s: %s", run.schedule, note)
    for step in run.steps:
        level = logging.INFO if step.exit_code == 0 else logging.WARNING if step.exit_code == 1 else logging.ERROR
        logger.log(
            level, "%s: %s in %.1f s: %s", run.schedule, step.step, step.seconds, step.summary.replace("\n", " ")
        )
    logger.info("%s: ended with exit code %d after %.1f s", run.schedule, run.exit_code, run.seconds)
