"""What is done for a firm beside its batches."""

from enum import StrEnum


class DutyKind(StrEnum):
    """What is owed to a firm: words, files, answers, and looks at what may have changed."""

    MESSAGES = "messages"
    WORKBOOKS = "workbooks"
    INTAKE = "intake"
    INQUIRIES = "inquiries"
    HOME = "home"
    CHECKS = "checks"
    DIGESTS = "digests"
    RESUMING = "resuming"
    SIGN_INS = "sign-ins"
    HOLDERS = "holders of sign-ins"
