"""What a USB printer calls itself (IEEE 1284 device id, as the kernel's usblp shows it), and the profile of
python-escpos that fits it."""

from pathlib import Path

SYSTEM = Path("/sys/class/usbmisc")
AUTO, OTHER = "auto", "default"
# Beginnings of MODEL → profile; of two that fit the longer. Later models of a family speak the same commands.
PROFILES = {
    "TM-T88V": "TM-T88V",
    "TM-T88IV": "TM-T88IV",
    "TM-T88III": "TM-T88III",
    "TM-T88II": "TM-T88II",
    "TM-T20": "TM-T20II",
    "TM-M30": "TM-T20II",
    "TM-L90": "TM-L90",
    "TM-P80": "TM-P80",
    "TM-U220": "TM-U220B",
    "CT-S651": "CT-S651",
    "RP326": "RP326",
    "RP-F10": "RP-F10-80mm",
    "TH230": "TH230Plus",
    "POS-5890": "POS-5890",
    "ZJ-5870": "ZJ-5870",
}
KEYS = {"MFG": "MANUFACTURER", "MDL": "MODEL", "CMD": "COMMAND SET"}


def parse_id(text: str) -> dict[str, str]:
    """``MFG:EPSON;MDL:TM-T88V;…`` by its long keys; what is no pair is left out."""
    pairs = (part.partition(":") for part in text.split(";"))
    found = {key.strip().upper(): value.strip() for key, colon, value in pairs if colon}
    return {KEYS.get(key, key): value for key, value in found.items()}


def read_id(path: str, system: Path = SYSTEM) -> dict[str, str]:
    """The id of the printer behind ``/dev/usb/lp0`` or a symlink to it; empty if absent or without one."""
    file = system / Path(path).resolve().name / "device" / "ieee1284_id"
    try:
        return parse_id(file.read_text(encoding="ascii", errors="replace"))
    except OSError:  # unplugged, or a kernel that does not show it: as good as an unknown model
        return {}


def profile_for(identity: dict[str, str]) -> str:
    """The profile for a model, :data:`OTHER` for an unknown one."""
    model = identity.get("MODEL", "").upper().replace("_", "-")
    fitting = [start for start in PROFILES if model.startswith(start)]
    return PROFILES[max(fitting, key=len)] if fitting else OTHER


def chosen(profile: str, driver: str, path: str) -> str:
    """The configured profile; for ``auto`` that of the printer that is plugged in now."""
    if profile != AUTO:
        return profile
    return profile_for(read_id(path)) if driver == "usb" else OTHER
