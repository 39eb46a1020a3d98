"""Slack's Web API, as far as messages are posted, changed and looked for, and one incoming webhook.

Wire facts: a refusal is a 200 with {"ok": false, "error": …}; asking too often is a 429 with Retry-After and an empty
body's worth of JSON; about one message a second goes into a channel; `ts` is a message's id in its channel and sorts as
a number; history leaves out replies in threads. Assumed, for want of a source: which limits of blocks give
`invalid_blocks`. Not there: users, files, interactivity (that is Slack calling us).
"""

from execution.sandbox.slack.vendor import Slack

__all__ = ["Slack"]
