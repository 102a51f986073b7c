"""What a digest of alerts says, in English and Chinese."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.alerts.thresholds import AlertKind
from projections.stock_alerts.queries import Told
from workers.reminder_words import CHINESE, ENGLISH


class Words(NamedTuple):
    """A digest in one language. `more` counts what is not listed, `lines` has one of each kind."""

    subject: str
    heading: str
    more: str
    names: Mapping[AlertKind, str]
    lines: Mapping[AlertKind, str]


WORDS: Mapping[str, Words] = {
    ENGLISH: Words(
        subject="{count} alerts in store {store_id}",
        heading="{name} ({count})",
        more="  and {count} more",
        names={
            AlertKind.LOW: "Low",
            AlertKind.HIGH: "Too many",
            AlertKind.OUT: "Out of stock",
            AlertKind.NEGATIVE: "Below zero",
            AlertKind.EXPIRING: "About to expire",
            AlertKind.SLOW_MOVING: "Slow-moving",
            AlertKind.DEAD: "Not sold any more",
        },
        lines={
            AlertKind.LOW: "  {sku}: {figure} available",
            AlertKind.HIGH: "  {sku}: {figure} on hand",
            AlertKind.OUT: "  {sku}: {figure} available",
            AlertKind.NEGATIVE: "  {sku}: {figure} on hand",
            AlertKind.EXPIRING: "  {sku}: {quantity} of lot {lot}, sell by {sell_by}",
            AlertKind.SLOW_MOVING: "  {sku}: lasts for {figure} days",
            AlertKind.DEAD: "  {sku}: none sold for {figure} days",
        },
    ),
    CHINESE: Words(
        subject="门店 {store_id} 有 {count} 条库存预警",
        heading="{name}（{count}）",
        more="  另有 {count} 条",
        names={
            AlertKind.LOW: "库存偏低",
            AlertKind.HIGH: "库存过高",
            AlertKind.OUT: "缺货",
            AlertKind.NEGATIVE: "负库存",
            AlertKind.EXPIRING: "临近保质期",
            AlertKind.SLOW_MOVING: "动销缓慢",
            AlertKind.DEAD: "滞销",
        },
        lines={
            AlertKind.LOW: "  {sku}：可用 {figure}",
            AlertKind.HIGH: "  {sku}：现有 {figure}",
            AlertKind.OUT: "  {sku}：可用 {figure}",
            AlertKind.NEGATIVE: "  {sku}：现有 {figure}",
            AlertKind.EXPIRING: "  {sku}：批次 {lot} 共 {quantity}，最晚销售日 {sell_by}",
            AlertKind.SLOW_MOVING: "  {sku}：可售 {figure} 天",
            AlertKind.DEAD: "  {sku}：{figure} 天未售出",
        },
    ),
}


def digest_of(store_id: str, told: Sequence[Told], language: str) -> tuple[str, str]:
    """Subject and text of a digest, in a language, in English where there is none in that."""
    words = WORDS.get(language, WORDS[ENGLISH])
    lines: list[str] = []
    whole = 0
    for kind in AlertKind:
        if of_kind := [one for one in told if one.kind == kind.value]:
            count = of_kind[0].of_kind
            whole += count
            lines.append(words.heading.format(name=words.names[kind], count=count))
            lines += [words.lines[kind].format(**one._asdict()) for one in of_kind]
            if count > len(of_kind):
                lines.append(words.more.format(count=count - len(of_kind)))
    return words.subject.format(count=whole, store_id=store_id), "\n".join(lines) + "\n"
