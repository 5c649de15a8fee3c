"""What holds for all tests."""

import signal

# A shell ignores SIGINT in what it starts in the background, and that is inherited: there Ctrl-C could not be tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
