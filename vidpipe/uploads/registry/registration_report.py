"""What one listing changed in the registry, for people and for the caller.

Belongs here: the counts, and the sentence made of them.
Does not: changing anything (vidpipe.uploads.registry.registering, vidpipe.uploads.registry.sweeps).
"""

from dataclasses import dataclass, field


@dataclass
class RegistrationReport:
    """What one listing changed; `str()` of it is a sentence.

    `waiting` and `held` count what waits and is held after the listing; `next_after` is the cursor
    of the next tick.
    """

    seen: int = 0
    new: int = 0
    changed: int = 0
    waiting: int = 0
    held: int = 0
    back: int = 0
    newly_missing: int = 0
    removed: int = 0
    sweep_ended: bool = False
    next_after: str = ""
    unread: list[str] = field(default_factory=list)
    refused_reason: str | None = None

    def __str__(self) -> str:
        counts = {
            "new": self.new,
            "changed": self.changed,
            "back": self.back,
            "still arriving": self.waiting,
            "held": self.held,
            "missing": self.newly_missing,
            "removed": self.removed,
        }
        words = [f"{self.seen} uploads seen"]
        words += [f"{count} {word}" for word, count in counts.items() if count]
        words += [f"folder not read: {folder}" for folder in self.unread]
        words += [self.refused_reason] if self.refused_reason else []
        return ", ".join(words)
