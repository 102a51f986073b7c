"""Statements: what a scheme gives somebody for a month, line by line, each for a sale or a return.

Amounts are exact in ten-thousandths of a minor unit, since rates are basis points. They are rounded once,
where they are added up; what a line says in minor units is by how much it moved that sum. (Decision 0071.)
"""

import enum
from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.money import half_up
from domain.staff.attributed import WHOLE_SHARE_BP, LineBack, LineSold, Sold, TakenBack
from domain.staff.rates import SCALE, attained, split_by_tier, taken_from
from domain.staff.scheme import Base, BonusRule, CommissionRule, Scheme, period_of


class Kind(enum.StrEnum):
    """What an amount is."""

    COMMISSION = "commission"
    BONUS = "bonus"


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line of a statement: what a document gave or took, by which rule of which version.

    `document` is a sale or a return of `sale_id`. `base_minor` is what a commission is shared in, or what is
    attained for a bonus. Where `of_period` is not the statement's month, the document came after its own
    month was closed, or takes back what an earlier month gave; `shift` is then the one to look at, 0 where
    the sale names none. `exact` is in ten-thousandths of a minor unit.
    """

    kind: Kind
    document: str
    sale_id: str
    position: int
    store_id: str
    day: date
    of_period: str
    shift: int
    version: int
    rule: int
    rate_bp: int
    base_minor: int
    exact: int
    amount_minor: int = 0


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """The lines in the order of the journal, and the sums that they add up to."""

    entries: tuple[Entry, ...] = ()
    commission_minor: int = 0
    bonus_minor: int = 0


def statements(
    scheme: Scheme, employee_id: str, sales: Iterable[Sold], returns: Iterable[TakenBack]
) -> dict[str, Statement]:
    """An employee's statements by month, from all that was sold in the months concerned and came back of it.

    A later fact changes no statement of a month that was closed before it.
    """
    ledger = _Ledger(scheme, employee_id)
    facts: list[Sold | TakenBack] = sorted([*sales, *returns], key=lambda fact: fact.position)
    for fact in facts:
        if isinstance(fact, Sold):
            ledger.sell(fact)
        else:
            ledger.take_back(fact)
    return {period: _added_up(entries) for period, entries in ledger.entries.items()}


def _added_up(entries: list[Entry]) -> Statement:
    exact = dict.fromkeys(Kind, 0)
    rounded: list[Entry] = []
    for entry in entries:
        before = half_up(exact[entry.kind], SCALE)
        exact[entry.kind] += entry.exact
        amount = half_up(exact[entry.kind], SCALE) - before
        rounded.append(msgspec.structs.replace(entry, amount_minor=amount))
    return Statement(
        entries=tuple(rounded),
        commission_minor=half_up(exact[Kind.COMMISSION], SCALE),
        bonus_minor=half_up(exact[Kind.BONUS], SCALE),
    )


class _Given:
    """What a line of a sale gave, until all of it came back."""

    def __init__(self, sale: Sold, line: LineSold) -> None:
        self._share_bp = sale.share_bp
        margin = (line.net_minor - line.cost_minor, line.own_net_minor - line.own_cost_minor)
        self._whole = {Base.NET: line.net_minor, Base.MARGIN: margin[0]}
        self.own = {Base.NET: line.own_net_minor, Base.MARGIN: margin[1]}
        self._back = dict.fromkeys(Base, 0)
        self.own_back = dict.fromkeys(Base, 0)
        self.commission: tuple[int, CommissionRule, list[tuple[int, int]]] | None = None
        self.bonuses: list[tuple[int, BonusRule]] = []

    def come_back(self, line: LineBack) -> None:
        """The employee's part of what came back is the whole share once the whole line did."""
        for base, amount in ((Base.NET, line.net_minor), (Base.MARGIN, line.net_minor - line.cost_minor)):
            self._back[base] += amount
            if self._back[base] == self._whole[base]:
                self.own_back[base] = self.own[base]
            else:
                self.own_back[base] = half_up(self._back[base] * self._share_bp, WHOLE_SHARE_BP)


class _Ledger:
    """What an employee was given so far. Tiers and steps count by the month of the sale."""

    def __init__(self, scheme: Scheme, employee_id: str) -> None:
        self.entries: dict[str, list[Entry]] = {}
        self._scheme = scheme
        self._employee_id = employee_id
        self._given: dict[tuple[str, int], _Given] = {}
        self._sales: dict[str, tuple[Sold, int]] = {}
        self._counted: dict[tuple[Kind, str, int], int] = {}

    def sell(self, sale: Sold) -> None:
        """Gives what the sale gives, by the version of its day."""
        version = self._scheme.version_of(period_of(sale.day))
        if not version:
            return
        terms = self._scheme.versions[version - 1].terms
        if sale.currency != terms.currency:
            return
        self._sales[sale.sale_id] = sale, version
        parts: dict[tuple[int, int], int] = {}
        steps: dict[int, int] = {}
        for line in sale.lines:
            given = self._given[sale.sale_id, line.line] = _Given(sale, line)
            for number, rule in enumerate(terms.commission, start=1):
                if self._fits(rule, sale, line):
                    own = given.own[rule.base]
                    split = split_by_tier(rule.tiers, self._count(Kind.COMMISSION, sale, number, own), own)
                    given.commission = number, rule, split
                    for rate_bp, amount in split:
                        parts[number, rate_bp] = parts.get((number, rate_bp), 0) + amount
                    break
            for number, rule in enumerate(terms.bonuses, start=1):
                if self._fits(rule, sale, line):
                    given.bonuses.append((number, rule))
                    steps[number] = steps.get(number, 0) + given.own[rule.base]
        self._write(sale, sale, f"sale-{sale.sale_id}", version, parts, steps)

    def take_back(self, back: TakenBack) -> None:
        """Takes back what the sale gave, at the rates and by the version that it was given by."""
        if back.sale_id not in self._sales:
            return
        sale, version = self._sales[back.sale_id]
        parts: dict[tuple[int, int], int] = {}
        steps: dict[int, int] = {}
        for line in back.lines:
            given = self._given.get((back.sale_id, line.line))
            if given is None:
                continue
            before = dict(given.own_back)
            given.come_back(line)
            moved = {base: given.own_back[base] - before[base] for base in Base}
            if given.commission is not None:
                number, rule, split = given.commission
                self._count(Kind.COMMISSION, sale, number, -moved[rule.base])
                was, now = before[rule.base], given.own_back[rule.base]
                for (rate_bp, _), taken, once in zip(
                    split, taken_from(split, now), taken_from(split, was), strict=True
                ):
                    parts[number, rate_bp] = parts.get((number, rate_bp), 0) - taken + once
            for number, rule in given.bonuses:
                steps[number] = steps.get(number, 0) - moved[rule.base]
        self._write(sale, back, f"return-{back.return_id}", version, parts, steps)

    def _fits(self, rule: CommissionRule | BonusRule, sale: Sold, line: LineSold) -> bool:
        return rule.aim.fits(
            store_id=sale.store_id,
            employee_id=self._employee_id,
            category=line.category,
            sku=line.sku,
        )

    def _count(self, kind: Kind, sale: Sold, rule: int, amount: int) -> int:
        """Counts the amount for the sale's month, and tells what was counted before."""
        key = kind, period_of(sale.day), rule
        before = self._counted.get(key, 0)
        self._counted[key] = before + amount
        return before

    def _write(
        self,
        sale: Sold,
        fact: Sold | TakenBack,
        document: str,
        version: int,
        parts: dict[tuple[int, int], int],
        steps: dict[int, int],
    ) -> None:
        of_period = period_of(sale.day)
        # A till's clock that was set back takes nothing back in a month before the sale's.
        period = self._scheme.counts_in(max(of_period, period_of(fact.day)), fact.position)

        def write(kind: Kind, rule: int, rate_bp: int, base_minor: int, exact: int) -> None:
            entry = Entry(
                kind=kind,
                document=document,
                sale_id=sale.sale_id,
                position=fact.position,
                store_id=sale.store_id,
                day=fact.day,
                of_period=of_period,
                shift=sale.shift,
                version=version,
                rule=rule,
                rate_bp=rate_bp,
                base_minor=base_minor,
                exact=exact,
            )
            self.entries.setdefault(period, []).append(entry)

        for (rule, rate_bp), amount in parts.items():
            if amount:
                write(Kind.COMMISSION, rule, rate_bp, amount, amount * rate_bp)
        bonuses = self._scheme.versions[version - 1].terms.bonuses
        for rule, amount in steps.items():
            before = self._count(Kind.BONUS, sale, rule, amount)
            was, now = (attained(bonuses[rule - 1].steps, sum_) for sum_ in (before, before + amount))
            if now.exact != was.exact:
                write(Kind.BONUS, rule, now.rate_bp, before + amount, now.exact - was.exact)
