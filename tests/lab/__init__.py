"""A real Linux kernel with a register on it: QEMU, Debian's packages, devices that the kernel believes.

``image.py`` makes what a guest boots from, ``machine.py`` runs it, ``guest.py`` is what tests hold in their
hands. ``inside/`` runs in the guest: the far end of every wire, and the agent that starts it.
"""
