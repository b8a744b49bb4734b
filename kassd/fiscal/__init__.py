"""For the auditor: exports, checks, notifications, documents, the archive. Nothing here is part of a sale."""

__all__: list[str] = []
