"""By which channel care messages leave, as the settings say; through what is not set none leave."""

from collections.abc import Mapping

from domain.care.rule import CareChannel
from infra.messages.gateway import Gateway
from infra.messages.port import Messenger, Recording
from infra.settings import Settings
from workers.reminders import messenger_of


def channels_of(settings: Settings) -> Mapping[CareChannel, Messenger]:
    """A messenger a channel."""
    posted = {
        CareChannel.SMS: settings.sms_url,
        CareChannel.WECHAT: settings.wechat_url,
        CareChannel.WEBHOOK: settings.webhook_url,
    }
    gateways: Mapping[CareChannel, Messenger] = {
        channel: Recording() if url is None else Gateway(url, settings.message_secret, channel.value)
        for channel, url in posted.items()
    }
    return {CareChannel.EMAIL: messenger_of(settings), **gateways}
