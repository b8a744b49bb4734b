"""Report descriptors of HID devices as their makers write them, and reports to match."""

# 61 bytes: id 2, three of the AIM id, 56 of data, flags.
SIMPLE = bytes.fromhex(
    "058c0902a1018502150026ff007508950109fb810209fc810209fd8102953809fe82020175019501250109ff810275078103c0"
)
# 62 bytes: id 2, count, three of the AIM id, 56 of data, flags; in a collection of its own.
COUNTED = bytes.fromhex(
    "058c0902a10185020912a102150026ff00750895010501093b81029503058c09fb09fc09fd8102953809fe8202012501"
    "7501950109ff810275078103c0c0"
)
# The same with an output report 4: good read, error and not-on-file beep, a bit each.
BEEPING = COUNTED[:-1] + bytes.fromhex("850475019503098609850987910295059103c0")
BOOT_KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395067508150025650507190029658100c0"
)


def simple(text: bytes, aim: bytes = b"]E0", more: bool = False) -> bytes:
    return b"\x02" + aim + text.ljust(56, b"\0") + bytes((more,))


def counted(text: bytes, aim: bytes = b"]E0", more: bool = False) -> bytes:
    return bytes((2, len(text))) + aim + text.ljust(56, b"\0") + bytes((more,))
