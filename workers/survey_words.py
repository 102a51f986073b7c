"""What letters with a survey say, in English and Chinese. `{link}` is all that they know."""

from collections.abc import Mapping

from domain.service.survey import SurveyKind
from workers.reminder_words import CHINESE, ENGLISH, Text

TEXTS: Mapping[str, Mapping[SurveyKind, Text]] = {
    ENGLISH: {
        SurveyKind.CSAT: Text(
            "How did we do?",
            "We have settled what you told us. How content are you with it?"
            " Please tell us here, once:\n{link}\n",
        ),
        SurveyKind.NPS: Text(
            "Would you recommend us?",
            "How likely are you to recommend us? Please tell us here, once:\n{link}\n",
        ),
    },
    CHINESE: {
        SurveyKind.CSAT: Text(
            "您对我们的处理满意吗？", "您反映的问题已处理完毕。请通过以下链接评价（仅限一次）：\n{link}\n"
        ),
        SurveyKind.NPS: Text(
            "您会推荐我们吗？", "您有多大可能向他人推荐我们？请通过以下链接回答（仅限一次）：\n{link}\n"
        ),
    },
}


def words_of(kind: SurveyKind, language: str) -> Text:
    """A kind of survey in a language, in English where there is none in that."""
    return TEXTS.get(language, TEXTS[ENGLISH])[kind]
