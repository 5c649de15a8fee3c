"""The driver: the trusted program inside the wall.

It reads plans and streams observations (`session`, with `grader.wire` as the vocabulary), builds
(`building`), plays cases (`player` plays, `stage` has the verbs, `loop` waits), takes the census of what is left
(`census`), and decides from /proc that a case is stuck and who waits for whom (`stuck`, `graph`). It starts
programs through launch.c, which turns into the submission.

Standard library, pexpect and ptyprocess only. It judges nothing and knows no points, no expected output.
"""
