"""Build hook: a wheel, an editable install and an sdist carry the displays' MQTT client.

Git does not hold it; ``tools/display_client.json`` pins it.
"""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DisplayClientHook(BuildHookInterface):  # type: ignore[type-arg]  # generic only in newer hatchling
    """Fetches the pinned client before the files of the build are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs ``tools/display_client.py`` and adds what it left to the build in spite of .gitignore."""
        script = Path(self.root) / "tools" / "display_client.py"
        spec = importlib.util.spec_from_file_location("display_client", script)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{script} is missing from the source tree")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.fetch()
        build_data["artifacts"].append("kassd/displays/vendor/*")
