"""Models: what a repository stores or exchanges, read from its text."""

from pathlib import Path
from textwrap import dedent

import pytest

from backwright.worker.symbols.models.collect import models
from tests.support.trees import plant

CASES: dict[str, tuple[dict[str, str], set[str]]] = {
    "django": (
        {
            "shop/models.py": """
                from django.db import models
                class Base(models.Model):
                    created = models.DateTimeField()
                    class Meta:
                        abstract = True
                class Book(Base):
                    title = models.CharField(max_length=9)
                    author = models.ForeignKey("Author", on_delete=models.CASCADE)
                    LIMIT = 3
                    class Meta:
                        db_table = "books"
                class Helper(object):
                    x = make()
            """
        },
        {
            "django Base stored created:models.DateTimeField",
            'django Book stored books title:models.CharField author:models.ForeignKey("Author")',
        },
    ),
    "sqlalchemy": (
        {
            "db.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\n",
            "user.py": """
                from db import Base
                class User(Base):
                    __tablename__ = "users"
                    id: Mapped[int] = mapped_column(primary_key=True)
                    name = Column(String(30), nullable=False)
                    orders: Mapped[list["Order"]] = relationship()
                class Old(declared):
                    total = Column(Integer)
            """,
        },
        {'sqlalchemy User stored users id:Mapped[int] name:String(30) orders:Mapped[list["Order"]]', "sqlalchemy Old stored total:Integer"},
    ),
    "sqlmodel and pydantic": (
        {
            "m.py": """
                from sqlmodel import SQLModel
                from pydantic import BaseModel
                class HeroBase(SQLModel):
                    name: str
                class Hero(HeroBase, SQLModel, table=True):
                    id: int | None = Field(default=None)
                class Item(BaseModel):
                    price: float = 1
                    model_config = {}
                class Special(Item):
                    note: str
            """
        },
        {
            "sqlmodel HeroBase shape name:str",
            "sqlmodel Hero stored id:int | None",
            "pydantic Item shape price:float",
            "pydantic Special shape note:str",
        },
    ),
    "kit": (
        {"model.py": "from backwright import Entity, Unique\nclass Book(Entity):\n    isbn: Unique[str]\n    stock: int = 0\n"},
        {"backwright Book stored isbn:Unique[str] stock:int"},
    ),
    "prisma": (
        {"prisma/schema.prisma": 'model User {\n  id Int @id\n  posts Post[] // all\n  @@map("users")\n}\nenum Role { A }\n'},
        {"prisma User stored users id:Int posts:Post[]"},
    ),
    "typeorm": (
        {
            "user.ts": """
                import { Entity, Column } from 'typeorm';
                @Entity('users')
                export class User {
                  @PrimaryGeneratedColumn() id: number;
                  @OneToMany(() => Post, (p) => p.user)
                  posts: Post[];
                  transient = 1;
                }
            """
        },
        {"typeorm User stored users id:number posts:Post[]"},
    ),
    "sequelize": (
        {"m.js": "const U = sequelize.define('User', { name: DataTypes.STRING, age: { type: DataTypes.INTEGER } });"},
        {"sequelize User stored name:DataTypes.STRING age:DataTypes.INTEGER"},
    ),
    "mongoose": (
        {"m.js": "const mongoose = require('mongoose');\nconst s = new mongoose.Schema({ title: String });\nmongoose.model('Post', s);"},
        {"mongoose Post stored title:String"},
    ),
    "jpa": (
        {"A.java": '@Entity\n@Table(name = "books")\npublic class Book {\n  @Id private Long id;\n  private String title;\n}\n'},
        {"jpa Book stored books id:Long title:String"},
    ),
    "rails": (
        {"app/models/a.rb": "class Story < ApplicationRecord\nend\nclass Special < Story\nend\nclass X < Struct\nend\n"},
        {"rails Story stored", "rails Special stored"},
    ),
    "gorm": (
        {"m.go": 'package m\n\ntype User struct {\n\tgorm.Model\n\tName string `gorm:"index"`\n}\n'},
        {"gorm User stored Name:string"},
    ),
}


def test_a_module_of_a_loader_is_no_model(tmp_path: Path) -> None:
    """``define`` makes a model of Sequelize where that is in sight, and a module of AMD where it is not."""
    (tmp_path / "page.js").write_text("define('page', ['jquery'], function ($) { return $; });\napp.define('x', {});\n")

    assert shown(tmp_path) == set()


def shown(root: Path) -> set[str]:
    """One line for each model."""
    lines: set[str] = set()
    for one in models(root).models:
        fields = [f"{f.name}:{f.type}" for f in one.fields]
        lines.add(" ".join([one.framework, one.name, "stored" if one.stored else "shape", *([one.table] if one.table else []), *fields]))
    return lines


@pytest.mark.parametrize("framework", CASES)
def test_the_models_of_a_framework(framework: str, tmp_path: Path) -> None:
    """Name, fields with types, and table; a class is a model through those it extends; other classes are none."""
    files, expected = CASES[framework]
    plant(tmp_path, {name: dedent(text).lstrip() for name, text in files.items()})

    assert shown(tmp_path) == expected
