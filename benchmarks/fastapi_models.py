"""What both FastAPI peers say over the wire: pydantic models, as the FastAPI documentation would have them."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class NewProduct(BaseModel):
    name: str = Field(min_length=1, max_length=120)
    description: str | None = None
    price: Decimal = Field(gt=0)
    stock: int = 0
    category_id: int


class ProductOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    description: str | None
    price: Decimal
    stock: int
    active: bool
    category_id: int
    created_at: datetime


class CategoryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


class NestedOut(ProductOut):
    category: CategoryOut


class Products(BaseModel):
    items: list[ProductOut]
    next: int | None


class NestedProducts(BaseModel):
    items: list[NestedOut]
    next: int | None
