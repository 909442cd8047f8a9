"""``vouchers``, as typed."""

from __future__ import annotations

import json

import pytest

from tests.store.clerk import Clerk
from zimgpt.cli import main
from zimgpt.domain import vouchers
from zimgpt.store.invariants import violations


def test_a_batch_from_paper_to_wallet(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Codes are printed once and redeem, a revoked batch not; each act is noted."""
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", database)
    by = ["--by", "tariro", "--reason", "for shops"]
    assert main(["vouchers", "make", "b1", "2", "1000", *by]) == 0
    one, two = capsys.readouterr().out.split()
    assert main(["vouchers", "make", "b1", "2", "1000", *by]) == 1
    redeem = "select outcome from redeem_voucher(%s, 'here', %s, 9, 9)"
    with Clerk(database, superuser=True) as owner:
        user = owner.person(0)
        digests = [vouchers.digest(vouchers.read(code)) for code in (one, two)]
        assert owner.value(redeem, user, digests[0]) == "redeemed"
        assert main(["vouchers", "revoke", "b1", *by]) == 0
        assert owner.value(redeem, user, digests[1]) == "revoked"
        acts = owner.rows("select who, act from operator_acts order by id")
    capsys.readouterr()

    assert main(["vouchers", "list", "--json"]) == 0
    [batch] = json.loads(capsys.readouterr().out)
    assert (batch["vouchers"], batch["redeemed"]) == (2, 1)
    assert acts == [("tariro", "vouchers"), ("tariro", "revoke_vouchers")]
    assert violations(database) == []
