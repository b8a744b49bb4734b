"""What is paid with: tenders of the configuration, cash of other currencies, the law's limit for cash."""

__all__: list[str] = []
