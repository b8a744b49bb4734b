from kassd.tse import codes


def test_every_code_has_a_german_sentence() -> None:
    names = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    assert names == set(codes.SENTENCES)
    assert all(text.endswith(".") for text in codes.SENTENCES.values())


def test_refused_carries_code_and_detail() -> None:
    error = codes.refused(codes.WRONG_PIN, "noch 2 Versuche")
    assert error.code == "ErrorAuthenticationFailed"
    assert str(error).endswith("(noch 2 Versuche)")
    assert str(codes.refused("E99")) == "Die TSE lehnt ab: E99"
