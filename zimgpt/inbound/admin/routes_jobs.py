"""``/admin/api/jobs``: what waits, runs or is dead, and an operator's word about it."""

from __future__ import annotations

from typing import Annotated, Literal

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.flows.ports.back_office import By
from zimgpt.flows.ports.works import JobDesk
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import WHY, told
from zimgpt.inbound.rooms import room, whole

PAGE = 100


class JobQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which jobs; those of any state or kind where it is not said."""

    state: Literal["queued", "running", "done", "failed", "dead"] | None = None
    kind: Annotated[str, msgspec.Meta(max_length=40)] | None = None


@attrs.frozen
class JobRoutes:
    """Routes of jobs."""

    _jobs: JobDesk
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/jobs", methods=["GET"])
    @whole
    async def jobs(self, request: Request) -> bytes:
        """The newest, and how many there are of those that have not ended well."""
        await self._identity.operator(request)
        asked = bodies.query(request, JobQuery)
        return told(request, await self._jobs.list(asked.state, asked.kind, PAGE))

    @router.route("/admin/api/jobs/<job>", methods=["GET"])
    @whole
    async def shown(self, request: Request, job: str) -> bytes:
        """Everything about one but its words."""
        await self._identity.operator(request)
        return told(request, await self._jobs.shown(bodies.identifier(job)))

    @router.route("/admin/api/jobs/<job>/retry", methods=["POST"])
    @whole
    async def retry(self, request: Request, job: str) -> bytes:
        """Five more attempts for a dead or failed one."""
        id = bodies.identifier(job)
        await self._jobs.retry(id, await self._by(request))
        return told(request, await self._jobs.shown(id))

    @router.route("/admin/api/jobs/<job>/drop", methods=["POST"])
    @whole
    async def drop(self, request: Request, job: str) -> bytes:
        """Ends a queued or dead one for good."""
        id = bodies.identifier(job)
        await self._jobs.drop(id, await self._by(request))
        return told(request, await self._jobs.shown(id))

    async def _by(self, request: Request) -> By:
        operator = await self._identity.operator(request)
        return By(operator.name, bodies.read(request, WHY).reason)
