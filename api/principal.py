"""Who asks: a key or a person, and what they may do in which store."""

from collections.abc import Iterable

import msgspec

from api.errors import Problem
from domain.access.limits import Limits, exceeds
from infra.access.people import Person
from infra.api_keys import ALL_SCOPES, PEOPLE_SCOPES, Maker


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, for which tenant, and what they may do. `stores` None means every store.

    A key has its scopes in all of its stores. A person may have other scopes in another store: `stores` are
    then those in which they may do what the route asks for (`acting`), and `scopes` what they may anywhere.
    `name` is who it was, as events and logs tell it: `key:<id>` or `person:<id>`; `maker` the same with the
    person behind a key and its end, for keys that they make.
    """

    name: str
    tenant: str
    scopes: frozenset[str]
    stores: frozenset[str] | None
    person: Person | None = None
    maker: Maker

    def may(self, scope: str) -> bool:
        """Whether they have the scope in any store."""
        return scope in self.scopes or (ALL_SCOPES in self.scopes and scope not in PEOPLE_SCOPES)

    def require(self, scope: str) -> None:
        """Problem 403 without the scope."""
        if not self.may(scope):
            raise Problem(403, "forbidden", f"You lack the scope {scope}.", scope=scope)

    def require_in(self, scope: str, store_id: str | None) -> None:
        """Problem 403 without the scope in this store (or, for None, in all of them)."""
        self.acting(scope).require_store(store_id)

    def acting(self, scope: str) -> "Principal":
        """The same, asking for something that needs the scope. Problem 403 without it."""
        self.require(scope)
        if self.person is None:
            return self
        return msgspec.structs.replace(self, stores=self.person.stores_of(scope))

    def require_store(self, store_id: str | None) -> None:
        """Problem 403 unless the store is open to them (or, for None, all of them are)."""
        if self.stores is not None and store_id not in self.stores:
            detail = "You may not do this in this store." if store_id else "This concerns every store."
            raise Problem(403, "forbidden", detail, store_id=store_id)

    def require_within(self, scopes: Iterable[str], limits: Limits | None = None) -> None:
        """Problem 403 unless all of this is theirs in every store: nobody gives away what they lack.

        A key that may do everything may also let people do what only people do. `limits` None asks for none.
        """
        everything = ALL_SCOPES in self.scopes
        for scope in sorted(scopes):
            if not everything and (
                scope not in self.scopes or (self.person and self.person.stores_of(scope) is not None)
            ):
                raise Problem(403, "forbidden", f"You can't give {scope}: you lack it yourself.", scope=scope)
        own = self.limits_in(None)
        if limits is not None and own is not None and exceeds(limits, own):
            raise Problem(403, "forbidden", "You can't give higher limits than your own.")

    def limits_in(self, store_id: str | None) -> Limits | None:
        """How far they may go alone in a store; None, as for every key, is without limit."""
        return None if self.person is None else self.person.limits_in(store_id)
