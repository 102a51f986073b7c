"""FIFO: a layer is what is left of goods that came together, and what that cost. The oldest leaves first.

A layer below zero is what was sold before it was received: it belongs to no lot, and the next receipt covers
it. The layers of an item add up to its quantity and its value, those of a lot to the lot's.
"""

from collections.abc import Iterable, Sequence

import msgspec

from domain.kernel.money import cumulative_share, half_up


class Layer(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`reference` names the receipt that it came with."""

    lot: str = ""
    quantity: int
    value_minor: int
    reference: str | None = None


Layers = tuple[Layer, ...]


def taken(layers: Layers, lot: str, quantity: int) -> tuple[Layers, int, int]:
    """The layers without the lot's oldest `quantity`, what that cost, and how much of it is not there."""
    left: list[Layer] = []
    cost = 0
    for layer in layers:
        if layer.lot != lot or layer.quantity <= 0 or not quantity:
            left.append(layer)
            continue
        part = min(quantity, layer.quantity)
        part_cost = half_up(layer.value_minor * part, layer.quantity)
        cost += part_cost
        quantity -= part
        if part < layer.quantity:
            left.append(_plus(layer, -part, -part_cost))
    return tuple(left), cost, quantity


def below_zero(layers: Layers, quantity: int, cost_minor: int) -> Layers:
    """The layers once so much has gone that was not there."""
    if (owed := owed_of(layers)) is not None:
        return (*layers[:-1], _plus(owed, -quantity, -cost_minor))
    return (*layers, Layer(quantity=-quantity, value_minor=-cost_minor))


def owed_of(layers: Layers) -> Layer | None:
    """The layer below zero. Of quantity 0 it holds what returns brought that had been issued for less."""
    return layers[-1] if layers and layers[-1].quantity <= 0 else None


def added(layers: Layers, new: Layer) -> Layers:
    """The layers with a receipt, which covers what is below zero first, at what that was issued at."""
    if new.lot or (owed := owed_of(layers)) is None:
        return _with(layers, new)
    covered = min(new.quantity, -owed.quantity)
    rest = _plus(new, -covered, -cumulative_share(new.value_minor, covered, new.quantity))
    still_owed = _plus(owed, covered, issued_at(owed, covered))
    kept = (*layers[:-1], still_owed) if still_owed.quantity else layers[:-1]
    return _with(kept, rest) if rest.quantity else kept


def without_remnant(layers: Layers) -> Layers:
    """The layers without a value that is left where nothing is owed any more."""
    return layers[:-1] if (owed := owed_of(layers)) is not None and not owed.quantity else layers


def issued_at(owed: Layer, covered: int) -> int:
    """What so much of what is below zero was issued at."""
    return half_up(-owed.value_minor * covered, -owed.quantity) if owed.quantity else -owed.value_minor


def returned(layers: Layers, new: Layer) -> Layers:
    """The layers with what came back at its own cost: it leaves first, or makes good what is below zero."""
    if new.lot or (owed := owed_of(layers)) is None:
        return (new, *layers)
    covered = min(new.quantity, -owed.quantity)
    cost = cumulative_share(new.value_minor, covered, new.quantity)
    still_owed = _plus(owed, covered, cost)
    rest = _plus(new, -covered, -cost)
    if not rest.quantity:
        kept = still_owed.quantity or still_owed.value_minor
        return (*layers[:-1], still_owed) if kept else layers[:-1]
    return (_plus(rest, 0, still_owed.value_minor), *layers[:-1])


def _with(layers: Layers, new: Layer) -> Layers:
    if (owed := owed_of(layers)) is not None:
        # What is owed stays last, where everybody looks for it.
        return (*layers[:-1], new, owed)
    return (*layers, new)


def revalued(layers: Layers, amount_minor: int, lot: str, receipt: str | None) -> Layers:
    """The layers with an amount on those of a lot, or of a receipt, by quantity; on all if there is none."""
    chosen = _indexes(layers, lot, receipt)
    whole = sum(layers[index].quantity for index in chosen)
    changed = list(layers)
    before = share = 0
    for index in chosen:
        before, gone = before + layers[index].quantity, share
        share = cumulative_share(amount_minor, before, whole)
        changed[index] = _plus(layers[index], 0, share - gone)
    return tuple(changed)


def _indexes(layers: Layers, lot: str, receipt: str | None) -> Sequence[int]:
    there = [index for index, layer in enumerate(layers) if layer.quantity > 0]
    of_lot = [index for index in there if layers[index].lot == lot]
    of_receipt = [index for index in of_lot if receipt is not None and layers[index].reference == receipt]
    return of_receipt or of_lot or there


def left_of(layers: Layers, lot: str, receipt: str | None) -> int:
    """How much of a lot, or of a receipt without lots, is still there."""
    return sum(layer.quantity for layer in _layers_of(layers, lot, receipt))


def worth_of(layers: Layers, lot: str, receipt: str | None) -> int:
    """What that is worth."""
    return sum(layer.value_minor for layer in _layers_of(layers, lot, receipt))


def _layers_of(layers: Layers, lot: str, receipt: str | None) -> Iterable[Layer]:
    return (
        layer
        for layer in layers
        if layer.quantity > 0 and layer.lot == lot and (receipt is None or layer.reference == receipt)
    )


def _plus(layer: Layer, quantity: int, value_minor: int) -> Layer:
    return Layer(
        lot=layer.lot,
        quantity=layer.quantity + quantity,
        value_minor=layer.value_minor + value_minor,
        reference=layer.reference,
    )
