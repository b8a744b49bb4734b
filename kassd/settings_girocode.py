"""``[girocode]``: whose account customers transfer to."""

from pydantic import Field, field_validator, model_validator

from kassd.core.transfers.epc import HIGHEST, LARGEST, NAME, REFERENCE, epc_text, is_bic, is_iban
from kassd.settings_base import Section


class GirocodeSection(Section):
    """``[girocode]``: `sale.pay {"type": "girocode"}` shows a QR code (EPC069-12) that the customer's banking
    app turns into a credit transfer. The register does not see the account: the payment counts when somebody
    says so (`transfer.settle`), and stands as unconfirmed where nobody has seen the money."""

    name: str = Field(min_length=1, max_length=NAME, description="whose account it is, as the bank has it")
    iban: str = Field(description="the account, with or without blanks")
    bic: str = Field("", description="only for accounts outside the European Economic Area")
    slip: bool = Field(False, description="print the code too; displays show it anyway")

    @field_validator("name")
    @classmethod
    def _named(cls, text: str) -> str:
        name = text.strip()
        if not name:
            raise ValueError(
                "Name fehlt: wie der Kontoinhaber bei der Bank heißt, z. B. name = 'Backhaus Muster'"
            )
        return name

    @field_validator("iban")
    @classmethod
    def _checked(cls, text: str) -> str:
        iban = "".join(text.split()).upper()
        if not is_iban(iban):
            raise ValueError("IBAN ist falsch (Prüfziffern), z. B. iban = 'DE89 3704 0044 0532 0130 00'")
        return iban

    @field_validator("bic")
    @classmethod
    def _formed(cls, text: str) -> str:
        bic = text.strip().upper()
        if bic and not is_bic(bic):
            raise ValueError("BIC ist falsch, z. B. bic = 'COBADEFFXXX'")
        return bic

    @model_validator(mode="after")
    def _always_shown(self) -> "GirocodeSection":
        """Whatever amount and sale: the code takes it."""
        try:
            epc_text(self.name, self.iban, HIGHEST, "x" * REFERENCE, self.bic)
        except ValueError:
            raise ValueError(
                f"[girocode] name ist zu lang: der Code fasst {LARGEST} Bytes, und ungewöhnliche Zeichen "
                "brauchen bis zu vier; kürzen"
            ) from None
        return self
