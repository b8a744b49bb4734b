"""Orders and parking: what is ordered is secured at once, what is billed comes out of it (DSFinV-K 2.7.2).

A group (ABRECHNUNGSKREIS) collects orders until bills have taken everything out of it. Each order is a
Vorgang of its own (AVBestellung, Bestellung-V1), complete in one command; a bill is a Beleg begun at billing.
Invariant: sum of a group's orders = sum of its bills + what is still open in it.
"""

__all__: list[str] = []
