"""Receipt and closing numbers after a rollback or on an empty card.

An old image of the card is a perfect journal that only ends too early. What others remember (the broker's
checkpoint, the mirror, the TSE, the last printed Z) says how far the register really was. Selling waits until
a person lets the counters go on above the highest of these (``counters.resume``), in a new epoch: no number
is used twice, and the gap is a recorded fact that X and Z show.
"""

__all__: list[str] = []
