"""What a code means: check digits, control codes, retail numbers, GS1 element strings and Digital Links.

Nothing is imported here: who needs one module should not pay for all.

For the sale:

1. ``catalog.find(text)`` first, as for every code: an article that lists this very text is sold as the
   catalogue says, whatever a pattern would make of it. Most scans end here and cost nothing of what follows.
2. Else ``read_code(text, aim, barcode_patterns(config), now)`` of :mod:`kassd.core.barcodes.read` gives a
   :class:`~kassd.core.barcodes.reading.Reading`. If it is ``refused``, nothing is sold; the findings of
   severity ``error`` say why and what to do, in German sentences.
3. Else the article is the first that ``catalog.find`` knows of ``reading.keys``. What the reading carries
   (``weight`` in kg, ``count``, ``price`` of the whole piece in cents) goes before what the catalogue says.
   A press code carries price and tax key itself (``price_bound``) and can be sold without an article;
   ``deposit_refund``, ``coupon`` and kind ``refund_receipt`` are no articles at all.
4. Findings of severity ``warning`` are shown and do not stop the sale, but for ``reading.expired``: the
   use-by date has passed, the article must not be sold.
"""

__all__: list[str] = []
