"""Codes of batches: unlike one another, told again at any time, and nobody else's to write."""

import random

import pytest

from infra.crypto.codes import (
    ALPHABET,
    BatchCodes,
    Place,
    draw_batch_id,
    letters_of,
    mistyped,
)

CODES = BatchCodes(b"k" * 32)
BATCH = "k7m2qx"
SOME = CODES.write(BATCH, range(2_000))


def letters(code: str) -> str:
    found = letters_of(code)
    assert found is not None
    return found


def test_a_code_leads_to_its_batch_and_number() -> None:
    assert [CODES.read(letters(code)) for code in SOME] == [Place(BATCH, n) for n in range(2_000)]


def test_the_last_of_a_million_is_read_too() -> None:
    (code,) = CODES.write(BATCH, range(999_999, 1_000_000))
    assert CODES.read(letters(code)) == Place(BATCH, 999_999)


def test_a_code_is_told_again_the_same() -> None:
    assert CODES.write(BATCH, range(500, 510)) == SOME[500:510]


def test_no_two_codes_are_alike() -> None:
    assert len({*SOME, *CODES.write("k7m2qy", range(2_000))}) == 4_000


def test_neighbours_have_nothing_in_common() -> None:
    """As many equal letters as chance gives: 1 in 32."""
    pairs = zip(map(letters, SOME), map(letters, SOME[1:]), strict=False)
    equal = sum(a == b for one, next_ in pairs for a, b in zip(one, next_, strict=True))
    assert 0.02 < equal / (1_999 * 20) < 0.045


def test_codes_are_typed_in_any_case_with_or_without_dashes() -> None:
    code = SOME[7]
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code} "):
        assert CODES.read(letters(typed)) == Place(BATCH, 7)


def test_a_wrong_letter_is_found_wherever_it_stands() -> None:
    code = letters(SOME[3])
    assert not mistyped(code)
    for place, right in enumerate(code):
        for wrong in ALPHABET.replace(right, ""):
            assert mistyped(code[:place] + wrong + code[place + 1 :])


def test_two_letters_that_changed_places_are_found() -> None:
    code = list(letters(SOME[4]))
    for i in range(20):
        for j in range(i):
            if code[i] != code[j]:
                swapped = code.copy()
                swapped[i], swapped[j] = code[j], code[i]
                assert mistyped("".join(swapped))


def test_another_tenants_code_is_nobodys() -> None:
    (theirs,) = BatchCodes(b"t" * 32).write(BATCH, range(1))
    assert CODES.read(letters(theirs)) is None


def test_nothing_is_read_out_of_what_was_made_up() -> None:
    made_up = random.Random(5)
    for _ in range(2_000):
        assert CODES.read("".join(made_up.choices(ALPHABET, k=20))) is None


def test_from_one_code_no_other_is_made_by_changing_what_names_the_number() -> None:
    code = letters(SOME[0])
    for place in range(10):
        for other in ALPHABET.replace(code[place], ""):
            assert CODES.read(code[:place] + other + code[place + 1 :]) is None


@pytest.mark.parametrize("code", ["", "AUTUMN10", "ABCD-EFGH-JKLM-NPQR", "0BCD" * 5, "é" * 20])
def test_other_codes_are_left_alone(code: str) -> None:
    assert letters_of(code) is None


def test_batches_are_named_at_random() -> None:
    ids = {draw_batch_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(id_) == 6 for id_ in ids)
