"""A serial line with a speed: two pseudo-terminals, between which bytes pass only while the near end is set to that speed.

At any other speed a real device sees broken characters and hands none of them on. Arguments: speed, near link, far link.
Says `ready` when both ends are there.
"""

import os
import select
import sys
import termios
import tty

SPEED = getattr(termios, f"B{sys.argv[1]}")
OUTPUT_SPEED = 5


def pty(link):
    master, slave = os.openpty()
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), link)
    # Its own end stays open, so that the line outlives those who open and close it.
    return master, slave


near, near_slave = pty(sys.argv[2])
far, _ = pty(sys.argv[3])
print("ready", flush=True)
while True:
    for end in select.select([near, far], [], [])[0]:
        data = os.read(end, 4096)
        if termios.tcgetattr(near_slave)[OUTPUT_SPEED] == SPEED:
            os.write(far if end == near else near, data)
