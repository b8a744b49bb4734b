"""Payments through a card terminal: asked for, performed, acknowledged, and where that broke off, found out.

The order (PA00P015 2.2.8): the wish is durable before the first byte leaves; that the terminal approves is
durable before it hears so (:class:`~kassd.core.cards.facts.CardApproved`); its end becomes the sale's payment
in one line. Whatever breaks off in between is asked for, and the terminal's answer decides
(:mod:`kassd.core.cards.verdict`); where it cannot, a person does.
"""

__all__: list[str] = []
