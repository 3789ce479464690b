"""The words of a migration file: ``from backwright.data.migrations import types as bw``."""

from collections.abc import Callable

from backwright.data.layout import FALSE as FALSE
from backwright.data.layout import NOW as NOW
from backwright.data.layout import TRUE as TRUE
from backwright.data.layout import Check as Check
from backwright.data.layout import Column as Column
from backwright.data.layout import Counter as Counter
from backwright.data.layout import ForeignKey as ForeignKey
from backwright.data.layout import Index as Index
from backwright.data.layout import Sql as Sql
from backwright.data.layout import Table as Table
from backwright.data.migrations.steps import BOOL as BOOL
from backwright.data.migrations.steps import BYTES as BYTES
from backwright.data.migrations.steps import DATE as DATE
from backwright.data.migrations.steps import DATETIME as DATETIME
from backwright.data.migrations.steps import FLOAT as FLOAT
from backwright.data.migrations.steps import INT as INT
from backwright.data.migrations.steps import JSON as JSON
from backwright.data.migrations.steps import TEXT as TEXT
from backwright.data.migrations.steps import TIME as TIME
from backwright.data.migrations.steps import UUID as UUID
from backwright.data.migrations.steps import AddCheck as AddCheck
from backwright.data.migrations.steps import AddColumn as AddColumn
from backwright.data.migrations.steps import AddForeignKey as AddForeignKey
from backwright.data.migrations.steps import AlterColumn as AlterColumn
from backwright.data.migrations.steps import AlterTable as AlterTable
from backwright.data.migrations.steps import CreateCounter as CreateCounter
from backwright.data.migrations.steps import CreateIndex as CreateIndex
from backwright.data.migrations.steps import CreateTable as CreateTable
from backwright.data.migrations.steps import Data as Data
from backwright.data.migrations.steps import DropCheck as DropCheck
from backwright.data.migrations.steps import DropColumn as DropColumn
from backwright.data.migrations.steps import DropCounter as DropCounter
from backwright.data.migrations.steps import DropForeignKey as DropForeignKey
from backwright.data.migrations.steps import DropIndex as DropIndex
from backwright.data.migrations.steps import DropTable as DropTable
from backwright.data.migrations.steps import RenameColumn as RenameColumn
from backwright.data.migrations.steps import RenameTable as RenameTable
from backwright.data.migrations.steps import Step as Step
from backwright.data.migrations.steps import data as data
from backwright.data.migrations.steps import decimal as decimal
from backwright.data.migrations.steps import inverses as inverses


def both_ways(steps: tuple[Step, ...]) -> tuple[Callable[[], None], Callable[[], None]]:
    """Alembic's ``upgrade`` and ``downgrade`` for these steps."""

    def upgrade() -> None:
        from backwright.data.migrations.apply import apply_in_alembic

        apply_in_alembic(steps)

    def downgrade() -> None:
        from backwright.data.migrations.apply import apply_in_alembic

        apply_in_alembic(inverses(steps))

    return upgrade, downgrade
