"""The cryptovision TSE (cv / D-Trust TSE module on microSD, SD or USB): a mailbox in a file."""

from kassd.tse.cryptovision.driver import CryptovisionConfig, CryptovisionTse

__all__ = ["CryptovisionConfig", "CryptovisionTse"]
