"""By which channel care messages leave, as the settings say; through what is not set none leave."""

from collections.abc import Mapping

from domain.care.rule import CareChannel
from infra.messages.port import Messenger, Recording
from infra.settings import Settings
from workers.reminders import messenger_of


def channels_of(settings: Settings) -> Mapping[CareChannel, Messenger]:
    """A messenger a channel."""
    return {
        CareChannel.EMAIL: messenger_of(settings),
        CareChannel.SMS: Recording(),
        CareChannel.WECHAT: Recording(),
        CareChannel.WEBHOOK: Recording(),
    }
