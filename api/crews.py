"""/v1/stores/{store_id}/crew: who takes how much work, who has what, and what waits."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.orders import MAX_SKILLS, Skill
from api.reading import written
from api.requests import Body, ShopRequest, command_origin
from domain.checkout.assign_case import SetCrewAbsence
from domain.checkout.assign_order import MAX_CAPACITY, SetCrewMember
from domain.staff.crew import CREW, Crew
from domain.stores.store import STORE
from infra.tenancy import Tenant


class CrewMemberBody(Body, frozen=True, kw_only=True):
    """How much work somebody takes at once and what they can; capacity 0: nothing from now on."""

    capacity: Annotated[int, Meta(ge=0, le=MAX_CAPACITY)]
    skills: Annotated[list[Skill], Meta(max_length=MAX_SKILLS)] = []  # noqa: RUF012 - msgspec copies it


class AbsenceBody(Body, frozen=True, kw_only=True):
    """Whether somebody is away."""

    away: bool


class CrewMemberView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the crew, and the work that they have."""

    employee_id: str
    capacity: int
    skills: list[str]
    away: bool
    work: list[str]


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits for somebody with these skills."""

    work: str
    skills: list[str]


class CrewView(msgspec.Struct, frozen=True, kw_only=True):
    """A store's crew; work is named by the stream that it is about."""

    store_id: str
    members: list[CrewMemberView]
    waiting: list[WaitingView]


class CrewMemberChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Who was set."""

    employee_id: str
    position: int


def _view(store_id: str, crew: Crew) -> CrewView:
    return CrewView(
        store_id=store_id,
        members=[
            CrewMemberView(
                employee_id=employee_id,
                capacity=member.capacity,
                skills=list(member.skills),
                away=employee_id in crew.away,
                work=sorted(work for work, who in crew.work.items() if who == employee_id),
            )
            for employee_id, member in sorted(crew.members.items())
        ],
        waiting=[WaitingView(work=work, skills=list(skills)) for work, skills in crew.waiting.items()],
    )


class CrewsController(Controller):
    """Crews of stores."""

    path = "/v1/stores/{store_id:str}/crew"
    tags = ("orders",)

    @get(operation_id="getCrew", opt={"scope": "orders:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, store_id: str) -> Response[CrewView]:
        """Who is of the crew, what they have, and what waits."""
        request.user.require_store(store_id)
        await tenant.require_state(STORE, store_id)
        crew = await tenant.state_of(CREW, store_id)
        return Response(_view(store_id, crew))

    @put("/{employee_id:str}", operation_id="setCrewMember", opt={"scope": "employees:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, employee_id: str, data: CrewMemberBody
    ) -> Response[CrewMemberChanged]:
        """Says how much work an employee takes at once. With more room, what waits is given out at once."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "setCrewMember", key_required=False)
        command = SetCrewMember(
            store_id=store_id,
            employee_id=employee_id,
            capacity=data.capacity,
            skills=tuple(data.skills),
        )
        answer = await tenant.submit(command, origin)
        return written(CrewMemberChanged(employee_id=answer.result.id, position=answer.position), answer)

    @put("/{employee_id:str}/absence", operation_id="setCrewAbsence", opt={"scope": "employees:write"})
    async def set_absence(
        self, request: ShopRequest, tenant: Tenant, store_id: str, employee_id: str, data: AbsenceBody
    ) -> Response[CrewMemberChanged]:
        """Who is away is offered nothing, and keeps what they have. Who is back gets what waits for them."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "setCrewAbsence", key_required=False)
        command = SetCrewAbsence(store_id=store_id, employee_id=employee_id, away=data.away)
        answer = await tenant.submit(command, origin)
        return written(CrewMemberChanged(employee_id=answer.result.id, position=answer.position), answer)
