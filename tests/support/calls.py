"""What workers are given to do; a worker that calls these imports no pandas."""

import os
import signal


def square(number):
    return number * number, os.getpid()


def die(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
