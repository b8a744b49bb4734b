"""DSFinV-K: closings as CSV files with index.xml and DTD."""

from kassd.fiscal.dsfinvk.export import Exported, Source, export_dsfinvk

__all__ = ["Exported", "Source", "export_dsfinvk"]
