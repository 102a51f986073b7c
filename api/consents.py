"""/v1/customers/{customer_id}/consents: what a customer agreed to, and took back. Proofs are sealed."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.accesses import opened
from api.customers import known_customer
from api.persons import Person, person_of
from api.reading import read, written
from api.requests import Body, Cause, Instant, LongText, ShopRequest, command_origin
from domain.customers.consent import GiveConsent, WithdrawConsent
from domain.customers.customer import CUSTOMER, ConsentGiven, ConsentWithdrawn
from domain.customers.person import consents_in_force
from domain.kernel.command import Command
from domain.kernel.sealed import Sealed
from infra.tenancy import SHORT_STREAM, Tenant

TextVersion = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$(?!\n)", description="of the wording, such as 2026-11"),
]


class ConsentToGive(Body, frozen=True, kw_only=True):
    """What the customer agreed to: for what, by which channel, in which wording; `proof` is sealed."""

    purpose: Cause
    channel: Cause
    text_version: TextVersion
    proof: LongText | None = None


class ConsentToWithdraw(Body, frozen=True, kw_only=True):
    """What the customer takes back."""

    purpose: Cause
    channel: Cause
    proof: LongText | None = None


class ConsentChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Whose consent was recorded."""

    customer_id: str
    position: int


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """One step: given or withdrawn, when, and who recorded it; `in_force` where it counts now."""

    status: str
    purpose: str
    channel: str
    text_version: str | None
    changed_at: Instant
    recorded_by: str
    in_force: bool


class ConsentsView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's consents, oldest first."""

    customer_id: str
    consents: list[ConsentView]


async def consents_of(tenant: Tenant, person: Person) -> list[ConsentView]:
    """Every step that a customer's consents took under all their ids, as far as they were read."""
    async with tenant.readers.connection() as connection:
        entries = [
            entry
            for record in person.records
            for entry in await tenant.journal.read_stream(
                connection,
                CUSTOMER.stream(record.customer_id),
                0,
                person.version if record is person.speaking else SHORT_STREAM,
            )
        ]
    steps = sorted(
        (entry for entry in entries if isinstance(entry.data, ConsentGiven | ConsentWithdrawn)),
        key=lambda entry: entry.position,
    )
    last = {(step.stream, step.data.purpose, step.data.channel): step.version for step in steps}
    in_force = {(consent.purpose, consent.channel) for consent in consents_in_force(person.records)}
    return [
        ConsentView(
            status="given" if isinstance(step.data, ConsentGiven) else "withdrawn",
            purpose=step.data.purpose,
            channel=step.data.channel,
            text_version=step.data.text_version if isinstance(step.data, ConsentGiven) else None,
            changed_at=step.occurred_at,
            recorded_by=step.actor,
            in_force=isinstance(step.data, ConsentGiven)
            and last[step.stream, step.data.purpose, step.data.channel] == step.version
            and (step.data.purpose, step.data.channel) in in_force,
        )
        for step in steps
    ]


async def _seal(tenant: Tenant, customer_id: str, event: str, proof: str | None) -> Sealed | None:
    if proof is None:
        return None
    return await tenant.vault.seal(CUSTOMER.stream(customer_id), f"{event}/proof", proof)


class ConsentsController(Controller):
    """Consents."""

    path = "/v1/customers/{customer_id:str}/consents"
    tags = ("customers",)

    @get(operation_id="listConsents", opt={"scope": "customers:read"})
    async def list(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> Response[ConsentsView]:
        """What a customer agreed to and took back, with the time and who recorded it."""
        person = await person_of(request, tenant, customer_id)
        await opened(request, tenant, (), about=person.subjects)
        consents = await consents_of(tenant, person)
        return read(ConsentsView(customer_id=customer_id, consents=consents), person.version)

    @post(operation_id="giveConsent", opt={"scope": "customers:write"})
    async def give(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: ConsentToGive
    ) -> Response[ConsentChanged]:
        """Records that a customer agreed."""
        await known_customer(tenant, customer_id)
        command = GiveConsent(
            customer_id=customer_id,
            purpose=data.purpose,
            channel=data.channel,
            text_version=data.text_version,
            proof=await _seal(tenant, customer_id, ConsentGiven.TYPE, data.proof),
        )
        return await self._write(request, tenant, "giveConsent", command)

    @post("/withdrawals", operation_id="withdrawConsent", opt={"scope": "customers:write"})
    async def withdraw(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: ConsentToWithdraw
    ) -> Response[ConsentChanged]:
        """Records that a customer took a consent back."""
        await known_customer(tenant, customer_id)
        command = WithdrawConsent(
            customer_id=customer_id,
            purpose=data.purpose,
            channel=data.channel,
            proof=await _seal(tenant, customer_id, ConsentWithdrawn.TYPE, data.proof),
        )
        return await self._write(request, tenant, "withdrawConsent", command)

    async def _write(
        self, request: ShopRequest, tenant: Tenant, operation: str, command: Command
    ) -> Response[ConsentChanged]:
        origin = await command_origin(request, tenant, operation, key_required=False)
        answer = await tenant.submit(command, origin)
        changed = ConsentChanged(customer_id=answer.result.id, position=answer.position)
        return written(changed, answer, 201)
