"""Sections about orders: tickets for kitchen and bar, what a closing does with open orders."""

from pydantic import Field

from kassd.settings_base import Name, Section


class TicketSection(Section):
    """``[[ticket]]``: what is ordered is printed where it is prepared. A slip without prices, no receipt."""

    name: Name = Field(description="of the ticket")
    title: str = Field("", max_length=30, description='on the slip, e.g. "Küche"; default: the name')
    printer: Name = Field(description="its [[printer]]; receipts go there only where there is no other")
    categories: tuple[str, ...] = Field((), description="categories of the catalogue; none: everything")


class OrdersSection(Section):
    """``[orders]``: open orders and the closing."""

    carry: bool = Field(True, description="open orders go on over a closing; false: it is refused")
