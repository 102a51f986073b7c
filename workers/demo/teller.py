"""Tells the demo's plan to the clerk: seals the texts, draws the codes, keeps many commands waiting."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence

import msgspec

from domain.checkout.check_out import CheckOut
from domain.customers.customer import CUSTOMER
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import CouponIssued, IssueCoupons, NewCoupon
from infra.crypto.vault import Vault
from infra.errors import OperatorError
from infra.event_store.clerk import Clerk
from infra.event_store.submission import Answer, DecisionFailed, Origin
from workers.demo.steps import TO_SEAL, Step

CHANNEL = "demo"
CHUNK = 256
"""The next chunk is sealed and queued while the one before it is being written: two are in flight at most."""

# The letters and groups of the API's codes: people read them aloud. 32 letters, so five bits each.
_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_GROUPS, _GROUP_LETTERS = 4, 4


class DemoRefused(OperatorError):
    """The rules refuse a step of the plan, which is a bug of the plan or of the rules."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How much was told: commands, how many of them had been told before, and the journal's position."""

    commands: int = 0
    replayed: int = 0
    position: int = 0


async def tell(clerk: Clerk, vault: Vault, plan: Iterable[Step]) -> Told:
    """Has the clerk decide every step, in order. What was accepted before is only answered again.

    Ends early with DemoRefused if a step is refused, and with what else the clerk raises.
    """
    told = Told()
    steps = enumerate(plan, start=1)
    before: list[tuple[int, Step, asyncio.Future[Answer]]] = []
    while chunk := list(itertools.islice(steps, CHUNK)):
        commands = await asyncio.gather(*(_complete(vault, step) for _, step in chunk))
        now = [
            (number, step, clerk.submit(command, _origin(vault, number, step)))
            for (number, step), command in zip(chunk, commands, strict=True)
        ]
        told = await _answered(before, told)
        before = now
    return await _answered(before, told)


def _origin(vault: Vault, number: int, step: Step) -> Origin:
    command_id = f"demo-{number:06}"
    return Origin(
        command_id=command_id,
        actor="demo",
        channel=CHANNEL,
        terminal=step.terminal,
        occurred_at=step.occurred_at,
        # Of the id alone: sealing the same text again gives other bytes.
        fingerprint=vault.fingerprint(b"demo", command_id.encode()),
    )


async def _answered(waiting: Sequence[tuple[int, Step, "asyncio.Future[Answer]"]], told: Told) -> Told:
    answers = await asyncio.gather(*(answer for _, _, answer in waiting), return_exceptions=True)
    replayed, position = told.replayed, told.position
    for (number, step, _), answer in zip(waiting, answers, strict=True):
        if isinstance(answer, Refusal | DecisionFailed):
            name = type(step.command).__name__
            raise DemoRefused(
                f"step {number} of the demo ({name}) failed: {str(answer).rstrip('.')}"
            ) from answer
        if isinstance(answer, BaseException):
            raise answer
        replayed += answer.replayed
        position = max(position, answer.position)
    return Told(commands=told.commands + len(waiting), replayed=replayed, position=position)


async def _complete(vault: Vault, step: Step) -> Command:
    """The step's command with its texts sealed and its coupons named."""
    command = step.command
    if step.coupons:
        codes = {vault.coupon_id(code): code for code in (_code(vault, name) for name in step.coupons)}
        if isinstance(command, CheckOut):
            command = msgspec.structs.replace(command, coupon_ids=tuple(codes))
        else:
            assert isinstance(command, IssueCoupons)
            command = msgspec.structs.replace(command, coupons=await _sealed_codes(vault, command, codes))
    if step.texts:
        boxes = await vault.seal_all(step.subject, step.texts)
        command = msgspec.structs.replace(
            command, **{place.rpartition("/")[2]: box for place, box in boxes.items()}
        )
    assert TO_SEAL not in msgspec.structs.astuple(command), "the plan names every text"
    return command


async def _sealed_codes(vault: Vault, command: IssueCoupons, codes: dict[str, str]) -> tuple[NewCoupon, ...]:
    places = {f"{CouponIssued.TYPE}/code/{coupon_id}": code for coupon_id, code in codes.items()}
    owner = command.customer_id
    subject = CAMPAIGN.stream(command.campaign_id) if owner is None else CUSTOMER.stream(owner)
    boxes = await vault.seal_all(subject, places)
    return tuple(NewCoupon(coupon_id=place.rpartition("/")[2], code=box) for place, box in boxes.items())


def _code(vault: Vault, name: str) -> str:
    """The code of a coupon of the plan: always the same in a tenant, and a secret like any other code."""
    digest = vault.fingerprint(b"demo coupon", name.encode())
    letters = "".join(_CODE_LETTERS[byte % 32] for byte in digest[: _CODE_GROUPS * _GROUP_LETTERS])
    groups = range(0, len(letters), _GROUP_LETTERS)
    return "-".join(letters[start : start + _GROUP_LETTERS] for start in groups)
