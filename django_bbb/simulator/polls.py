"""Questions a class is asked, and who answered what."""

from dataclasses import dataclass, field

#: Kinds of poll that have fixed answers, by those; the names are BigBlueButton's.
_KINDS = {
    ("Yes", "No"): "YN",
    ("Yes", "No", "Abstention"): "YNA",
    ("True", "False"): "TF",
    ("A", "B"): "A-2",
    ("A", "B", "C"): "A-3",
    ("A", "B", "C", "D"): "A-4",
    ("A", "B", "C", "D", "E"): "A-5",
}


@dataclass(kw_only=True, eq=False)
class Poll:
    """One question, open until it is closed; its result is shown to all from then on."""

    poll_id: str
    question: str
    options: tuple[str, ...]
    is_open: bool = True
    #: Indexes of the options, by the external id of the person.
    votes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return _KINDS.get(self.options, "CUSTOM")

    @property
    def result(self) -> list[tuple[str, int]]:
        """Each option and how many chose it."""
        return [
            (option, sum(index in chosen for chosen in self.votes.values()))
            for index, option in enumerate(self.options)
        ]
