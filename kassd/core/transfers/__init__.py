"""Credit transfers by GiroCode: asked for with a code, never confirmed to the register, settled by a person.

A register without an account's feed cannot see whether money has come. So nothing is booked while the code is
shown; the sale is paid when somebody says that it is, and the payment's name says whether the money was seen.
"""

__all__: list[str] = []
