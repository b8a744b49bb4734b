"""ZVT, the German protocol between cash register (ECR) and payment terminal (PT), as public in PA00P015 13.08
(commands, bitmaps, errors) and PA00P016 04 (transport).

Pure: ``apdu``, ``block`` (serial framing), ``fields`` and ``tlv`` with their tables ``bmps`` and ``tags``,
``messages``, ``receipt``, ``explain``. On the wire: ``wire`` (bytes), ``link`` (APDUs), ``session`` (one
command at a time). What a model does otherwise than the specification: ``quirks``.
"""

__all__: list[str] = []
