"""What publishing a date did, in rows."""

from dataclasses import dataclass, field


@dataclass
class TableCounts:
    """What publishing did to one table, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """Rows that changed in any way."""
        return self.inserted + self.updated + self.deleted


@dataclass
class PublishReport:
    """What publishing a date did."""

    tables: dict[str, TableCounts] = field(default_factory=dict)
    seconds: float = 0.0
    index_rebuilt: bool = False

    @property
    def written(self) -> int:
        """Rows that changed in any way, in all tables."""
        return sum(counts.written for counts in self.tables.values())
