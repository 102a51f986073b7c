"""What the callers remember: what they asked for, what they were answered, and what they never learned."""

from collections import Counter
from typing import Any

import httpx
import msgspec

SALES = "/v1/stores/s1/sales"
IN_FLIGHT = "command_in_flight"


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """What the till printed."""

    receipt_number: int
    total_minor: int
    position: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A sale that a till wants; its id is its Idempotency-Key too."""

    sale_id: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", "Idempotency-Key": self.sale_id}


class Memory:
    """The memory of all callers of a shop. What was asked and is neither acknowledged nor refused is open.

    `answered` counts the sales that the API acknowledged, `troubles` what tills met instead.
    """

    def __init__(self) -> None:
        self.asked: dict[str, Asked] = {}
        self.acknowledged: dict[str, Acknowledged] = {}
        self.refused: dict[str, str] = {}
        self.answered = 0
        self.troubles: Counter[str] = Counter()
        self.surprises: list[str] = []

    @property
    def open(self) -> list[Asked]:
        """The sales of which nobody knows yet whether they were made."""
        known = self.acknowledged.keys() | self.refused.keys()
        return [asked for sale_id, asked in self.asked.items() if sale_id not in known]

    def hear(self, asked: Asked, response: httpx.Response) -> bool:
        """Whether it is an answer; if not the till asks again."""
        if response.status_code == 201:
            self.answered += 1
            told = response.json()
            self.acknowledge(
                asked.sale_id,
                Acknowledged(
                    receipt_number=told["receipt_number"],
                    total_minor=told["total"]["amount"],
                    position=told["position"],
                ),
            )
            return True
        code = _code(response)
        if response.status_code == 503 or code == IN_FLIGHT:
            self.troubles[code] += 1
            return False
        if response.status_code >= 500:
            self.surprises.append(f"{asked.sale_id}: {response.status_code} {response.text}")
        self.refuse(asked.sale_id, code)
        return True

    def acknowledge(self, sale_id: str, told: Acknowledged) -> None:
        """The sale was made; every answer to it must be the same."""
        before = self.acknowledged.setdefault(sale_id, told)
        if before != told:
            self.surprises.append(f"{sale_id}: first {before}, then {told}")

    def refuse(self, sale_id: str, code: str) -> None:
        """The sale was not made."""
        self.refused[sale_id] = code


def _code(response: httpx.Response) -> str:
    try:
        told: dict[str, Any] = response.json()
    except ValueError:
        return "not JSON"
    return str(told.get("code"))
