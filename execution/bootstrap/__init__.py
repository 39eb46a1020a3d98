"""What the doors call: one function per verb, each returning a typed value.

    workspaces   init                     sources    list, check, enable, disable, fields
    connecting   connect                  pipeline   sync, score, context, report, status
    demonstration demo, sandbox           asking     query, brief, db
    checking     check, test              timing     run, schedule
    segments     segments                 measures   measures
    docs         docs                     alerts     alerts
    triggers     triggers                 decisions  approvals, tasks
    proving      backtest, fit            verifying  verify
    auditing     doctor

A function here opens what its verb needs (workspace, directives, environment, store) and hands it to the part that
does the work. Heavy parts are imported where they are called, so a light verb starts fast.
"""
