"""Checking a TSE's answer before it is used: the signature must cover exactly what was asked for."""

import binascii
from base64 import b64decode

from kassd.tse.log.algorithms import ALGORITHMS, BadKey, by_name, parse_public_key, verify
from kassd.tse.log.der import DerError
from kassd.tse.log.messages import LogMessage, Operation, TransactionData, signed_bytes
from kassd.tse.log.times import from_iso, signed_candidates
from kassd.tse.port import Signed, TseInfo


def verify_answer(
    info: TseInfo,
    client_id: str,
    operation: Operation,
    process_type: str,
    process_data: bytes,
    signed: Signed,
) -> bool:
    """Whether ``signed`` is the genuine answer of the TSE ``info`` describes to this very call.

    Rebuilds the signed bytes of the log message (version 2, else 3) from the call and the answer. False
    for a wrong serial number, a stale or foreign answer, and anything that cannot be decoded.
    """
    algorithm = by_name(info.signature_algorithm)
    if algorithm is None:
        return False
    try:
        key = parse_public_key(b64decode(info.public_key, validate=True))
        signature = b64decode(signed.signature, validate=True)
        times = signed_candidates(from_iso(signed.log_time), info.time_format)
    except (BadKey, DerError, binascii.Error, ValueError):
        return False
    if signed.serial_number != key.serial.hex() or info.serial_number != signed.serial_number:
        return False
    data = TransactionData(operation, client_id, process_data, process_type, signed.transaction_number)
    return any(
        verify(
            key,
            algorithm,
            signed_bytes(version, data, key.serial, algorithm.oid, signed.signature_counter, encoded),
            signature,
        )
        for version in (2, 3)
        for encoded in times
    )


def verify_message(info: TseInfo, message: LogMessage) -> bool:
    """Whether a log message read from the device carries a genuine signature of that TSE."""
    algorithm = ALGORITHMS.get(message.algorithm)
    try:
        key = parse_public_key(b64decode(info.public_key, validate=True))
    except (BadKey, binascii.Error, ValueError):
        return False
    if algorithm is None or message.serial != key.serial:
        return False
    return verify(key, algorithm, message.signed, message.signature)
