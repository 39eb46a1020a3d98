"""Running: the steps from sync to report, one by one or as a schedule says, by hand, by cron or in the foreground."""
