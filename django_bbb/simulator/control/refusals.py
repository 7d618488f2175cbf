"""Why the control API does not do what it was asked to do."""


class Refused(Exception):
    """An answer with an HTTP status and a sentence that says what to change."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def bad(sentence: str) -> Refused:
    return Refused(400, sentence)


def not_found(sentence: str) -> Refused:
    return Refused(404, sentence)
