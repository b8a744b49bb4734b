"""Section of the configuration about coupled scales."""

from datetime import date
from typing import Literal

from pydantic import Field

from kassd.settings_base import Name, Section

NOT_THE_DRIVERS = {"station", "driver", "certificate", "serial_number", "valid_until", "secret_credential"}


class ScaleSection(Section):
    """``[[scale]]``: a scale that the register asks. **Only with a certified combination**: a scale coupled
    to a register in an open sales outlet is one measuring system with it (MessEG, MessEV, EN 45501). The
    register software needs a part certificate (Baueinheitenzertifikat of the PTB, WELMEC 2.2 and 7.2), the
    combination a conformity assessment, and both a verification that is renewed every two years. **This
    software has no such certificate**: whoever fills this in states that they have got one for what they run.
    What the scale has weighed gets a printed receipt, always. Without all this: sell by the labels of a
    labelling scale, or type in the weight of a verified scale that stands alone; both need no section."""

    name: Name = Field(description="shown in state/dev/<name>")
    station: Name = Field("main", description="whose sale it weighs for")
    driver: Literal["dialog06"] = Field(
        description="Dialog 06 (Checkout-Dialog): the scale computes the amount"
    )
    port: str = Field(min_length=1, description="device file, e.g. /dev/ttyUSB0")
    baud: int = Field(9600, gt=0, description="baud rate; 7 bits, odd parity")
    certificate: str = Field(
        min_length=4, max_length=60, description="number of the certificate of this combination"
    )
    serial_number: str = Field(min_length=1, max_length=40, description="of the scale")
    valid_until: date = Field(description="last day of the verification (Eichfrist); then it is not asked")
    secret_credential: str = Field(
        "",
        description="file with what proves the coupling to the scale (CCCC PPPPP, hex), from its maker; "
        "none: it asks for nothing",
    )
