"""Peer: FastAPI with SQLAlchemy's asynchronous ORM on asyncpg, response models on every route: what most teams pick today."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import ForeignKey, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from benchmarks.fastapi_models import NestedProducts, NewProduct, ProductOut, Products

engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Category(Base):
    __tablename__ = "category"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Product(Base):
    __tablename__ = "product"
    __mapper_args__ = {"eager_defaults": True}
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    price: Mapped[Decimal]
    stock: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=true())
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    category: Mapped[Category] = relationship(lazy="raise")


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]
app = FastAPI()


def page(items: Any) -> dict[str, Any]:
    return {"items": items, "next": items[-1].id if items else None}


@app.get("/products/{product_id}", response_model=ProductOut)
async def read_product(product_id: int, session: Session) -> Any:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404)
    return product


@app.get("/products", response_model=Products)
async def list_products(session: Session, category_id: int | None = None, limit: int = 20, after: int = 0) -> Any:
    query = select(Product).where(Product.id > after).order_by(Product.id).limit(limit)
    if category_id is not None:
        query = query.where(Product.category_id == category_id)
    return page((await session.scalars(query)).all())


@app.get("/nested", response_model=NestedProducts)
async def list_nested(session: Session, limit: int = 20, after: int = 0) -> Any:
    query = select(Product).options(selectinload(Product.category)).where(Product.id > after).order_by(Product.id).limit(limit)
    return page((await session.scalars(query)).all())


@app.post("/products", response_model=ProductOut, status_code=201)
async def create_product(body: NewProduct, session: Session) -> Any:
    if await session.get(Category, body.category_id) is None:
        raise HTTPException(422, "no such category")
    product = Product(**body.model_dump())
    session.add(product)
    await session.commit()
    return product
