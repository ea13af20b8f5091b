"""What the labels of DoMSEV stand for: where somebody is, what they do, and what they attend to."""

from __future__ import annotations

from enum import Enum
from typing import Final

USER_ENVIRONMENT_MAP: Final = dict(enumerate(("none", "indoor", "nature", "crowded_environment", "urban")))
USER_ACTIVITY_MAP: Final = dict(
    enumerate(
        (
            "none",
            "walking",
            "running",
            "standing",
            "biking",
            "driving",
            "playing",
            "cooking",
            "eating",
            "observing",
            "in_conversation",
            "browsing",
            "shopping",
        )
    )
)
USER_ATTENTION_MAP: Final = dict(enumerate(("none", "paying_attention", "interacting")))


class LabelType(Enum):
    """What a label is about."""

    Environment = 1
    Activity = 2
    UserAttention = 3


LABEL_TYPE_2_MAP: Final = {
    LabelType.Environment: USER_ENVIRONMENT_MAP,
    LabelType.Activity: USER_ACTIVITY_MAP,
    LabelType.UserAttention: USER_ATTENTION_MAP,
}
