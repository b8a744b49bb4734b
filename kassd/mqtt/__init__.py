"""The window: state for displays, commands from them, over MQTT 5 (DESIGN §6).

``Window`` is what the register uses. Topic names are in ``topics``, document models in ``documents``, stamped
by ``publisher``; both ends of a command are in ``commands``. Only ``adapter`` knows the client library.
"""

from kassd.mqtt.session import Counters, Received, Trouble
from kassd.mqtt.topics import Topics
from kassd.mqtt.window import Window, WindowConfig

__all__ = ["Counters", "Received", "Topics", "Trouble", "Window", "WindowConfig"]
