"""Operators at the door: two steps, each counted, each code once."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import attrs
import pytest

from tests.fakes.operators import MemoryOperators
from tests.fakes.people import PlainPasswords
from tests.fakes.results import result_of
from zimgpt.domain.accounts import FREE_TRIES, TooManyTries
from zimgpt.domain.errors import NotSignedIn
from zimgpt.domain.one_time_codes import code_at, secret_of, step_at
from zimgpt.domain.operators import WrongOperator, WrongOperatorCode
from zimgpt.flows.admitting import Admitted, Admitting
from zimgpt.flows.ports import PasswordsBusy

PASSWORD = "four words of nobody"
SECRET = secret_of(b"s" * 20)


@attrs.define
class Door:
    """A door, and one operator who may come in."""

    passwords: PlainPasswords = attrs.Factory(PlainPasswords)
    operators: MemoryOperators = attrs.Factory(MemoryOperators)
    admitting: Admitting = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        numbers = count(1)
        self.admitting = Admitting(
            operators=self.operators,
            passwords=self.passwords,
            new_id=lambda: f"session {next(numbers)}",
            new_secret=lambda: next(numbers).to_bytes(32),
        )
        hashed = result_of(self.passwords.hash(PASSWORD))
        self.operators.add("tariro", hashed, SECRET)

    def knock(self, name: str = "tariro", password: str = PASSWORD) -> str:
        """The first step."""
        return result_of(
            self.admitting.sign_in(name, password, client="  a   browser " + "x" * 99)
        )

    def code(self, ahead: int = 0) -> str:
        """What the phone shows, or will."""
        return code_at(SECRET, step_at(self.operators.now) + ahead)

    def prove(self, token: str, code: str) -> Admitted:
        """The second."""
        return result_of(self.admitting.prove(token, code))


@pytest.fixture
def door() -> Door:
    """Nobody has come in yet."""
    return Door()


def test_a_password_and_a_code_open_it(door: Door) -> None:
    """The first alone opens nothing; then another token than before is good."""
    token = door.knock()
    with pytest.raises(NotSignedIn):
        result_of(door.admitting.authenticate(token))

    admitted = door.prove(token, door.code())

    assert admitted.operator.name == "tariro"
    assert admitted.token != token
    found = result_of(door.admitting.authenticate(admitted.token))
    assert found == admitted.operator
    with pytest.raises(NotSignedIn):
        result_of(door.admitting.authenticate(token))
    [sitting] = door.operators.sessions.values()
    assert sitting.client == "a browser " + "x" * 70


def test_whoever_signs_out_is_out(door: Door) -> None:
    """Their token is nobody's."""
    admitted = door.prove(door.knock(), door.code())

    result_of(door.admitting.sign_out(admitted.token))

    with pytest.raises(NotSignedIn):
        result_of(door.admitting.authenticate(admitted.token))


def test_a_code_is_taken_once(door: Door) -> None:
    """Whoever looked over a shoulder is too late; so is who waited for an older one."""
    door.prove(door.knock(), door.code())
    token = door.knock()

    for code in (door.code(), door.code(-1)):
        with pytest.raises(WrongOperatorCode):
            door.prove(token, code)

    assert door.prove(token, door.code(1)).operator.name == "tariro"


@pytest.mark.parametrize("name", ["tariro", "nobody"])
def test_a_wrong_password_says_nothing_more(door: Door, name: str) -> None:
    """Whether there is such an operator is not told; somebody's hash was checked."""
    with pytest.raises(WrongOperator):
        door.knock(name, "another one of nobody")


def test_a_right_password_forgives_no_wrong_code(door: Door) -> None:
    """Who knows it has no more tries than anybody at the code."""
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongOperatorCode):
            door.prove(door.knock(), "000000")

    with pytest.raises(TooManyTries):
        door.knock()

    door.operators.now += timedelta(seconds=2)
    token = door.knock()
    with pytest.raises(WrongOperatorCode):
        door.prove(token, "000000")
    with pytest.raises(TooManyTries):
        door.prove(token, door.code())


def test_a_busy_door_counts_nothing(door: Door) -> None:
    """The password was not looked at."""
    door.passwords.busy.add("verify")
    for _ in range(2 * FREE_TRIES):
        with pytest.raises(PasswordsBusy):
            door.knock()
        with pytest.raises(PasswordsBusy):
            door.knock("nobody")
    door.passwords.busy.clear()

    assert door.prove(door.knock(), door.code()).operator.name == "tariro"


@pytest.mark.parametrize("token", ["", "short", "x" * 43, "ü" * 43])
def test_what_we_never_gave_out_opens_nothing(door: Door, token: str) -> None:
    """At no step."""
    for step in (
        door.admitting.authenticate(token),
        door.admitting.prove(token, "123456"),
    ):
        with pytest.raises(NotSignedIn):
            result_of(step)
