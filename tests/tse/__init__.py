"""What the tests of TSEs share."""


async def unnoted(step: str) -> None:
    """A :data:`kassd.tse.port.Note` for set-ups that nobody journals."""
