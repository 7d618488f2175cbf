"""What a site can listen to.  All are sent after commit; what a receiver raises is logged and stops nothing.

Each is sent **at least once**: a process that dies after the commit leaves it to the sweep, and one that dies while
it tells the receivers has some of them told again.  Let a second one change nothing.
"""

from django.dispatch import Signal

#: A class has begun: the server has created it.  Arguments: ``session``.
meeting_started = Signal()

#: A class is over, and the server has confirmed it.  Arguments: ``session``.
meeting_ended = Signal()

#: A recording has a new format to watch.
#: Arguments: ``recording``, ``formats`` (the new ones' types), ``first_time`` (whether it had none before).
recording_ready = Signal()

#: A recording was deleted, here or on its server.  Arguments: ``recording``.
recording_deleted = Signal()
