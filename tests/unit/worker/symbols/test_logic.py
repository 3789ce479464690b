"""Business logic in controllers, handlers and models is reported for what it decides; thin ones are not."""

from pathlib import Path
from textwrap import dedent

import pytest

from backwright.worker.symbols.logic import logic
from tests.support.trees import plant

FASTAPI = """
    from fastapi import APIRouter, HTTPException
    router = APIRouter()

    @router.get("/thin/{id}")
    async def thin(id: int, service=Depends(get)):
        book = await service.find(id)
        if book is None:
            raise HTTPException(404)
        return BookOut.model_validate(book)

    @router.get("/page")
    async def paged(page: int = 1, limit: int = 20, session=Depends(get_session)):
        rows = await session.execute(select(Book).where(Book.stock > 0).offset((page - 1) * limit).limit(limit))
        return [BookOut(title=row.title, author=row.author) for row in rows]

    @router.post("/orders")
    async def fat(basket: Basket, session=Depends(get_session)):
        total = 0
        async with session.begin():
            for line in basket.lines:
                book = await session.get(Book, line.book_id)
                if book.stock < line.copies:
                    raise HTTPException(409)
                book.stock -= line.copies
                total += book.price * line.copies
        return {"total": total}

    @router.post("/discount")
    async def guard(order: Order):
        if order.status == "paid":
            raise HTTPException(409)
        return await service.discount(order)
"""
DJANGO = """
    from django.db import models, transaction
    from django.views import View

    class Account(models.Model):
        balance = models.DecimalField()

        def __str__(self):
            return f"{self.balance}" if self.balance > 0 else "-"

        @property
        def label(self):
            return str(self.pk)

        def withdraw(self, amount):
            if amount > self.balance:
                raise ValueError
            self.balance -= amount
            self.save()

    class Thin(View):
        def get(self, request):
            if request.method == "GET" and request.user.is_authenticated:
                return JsonResponse(list(Account.objects.all()))

        def post(self, request):
            form = AccountForm(request.POST)
            if not form.is_valid():
                return JsonResponse(form.errors, status=400)
            return JsonResponse(services.open_account(form.cleaned_data))

    class Fat(View):
        def post(self, request):
            with transaction.atomic():
                Account.objects.filter(pk=1).update(balance=0)
"""
EXPRESS = """
    const express = require('express');
    const router = express.Router();
    router.get('/thin', async (req, res, next) => {
      try {
        const user = await users.find(req.params.id);
        if (!user) return res.status(404).end();
        res.json(user);
      } catch (err) { if (err.code === 'X') return next(err); }
    });
    router.post('/fat', async (req, res) => {
      const items = await Item.find({ id: req.body.ids });
      let total = 0;
      for (const item of items) { total += item.price * item.quantity; }
      if (req.body.amount > total) return res.status(400).end();
      res.json({ total });
    });
    module.exports = router;
"""
NEST = """
    import { Controller, Get, Post } from '@nestjs/common';
    @Controller('orders')
    export class OrdersController {
      @Get()
      thin() { return this.orders.all(); }
      @Post()
      async fat(dto) {
        const order = await this.orderRepository.findOne(dto.id);
        if (order.total > dto.limit) { throw new Error(); }
        return this.orderRepository.save(order);
      }
    }
"""
SPRING = """
    package a;
    import org.springframework.web.bind.annotation.*;
    @RestController
    public class Orders {
        @GetMapping("/thin")
        public Order thin(Long id) { return service.find(id); }
        @PostMapping("/fat")
        public Order fat(Order order) {
            if (order.getTotal() > order.getLimit()) { throw new Bad(); }
            order.total = order.price * order.copies;
            return order;
        }
    }
"""
RAILS = """
    class OrdersController < ApplicationController
      def thin
        render json: Orders::Find.new(params[:id]).call
      end

      def fat
        order = Order.find(params[:id])
        if order.total > order.customer.credit
          order.status = "refused"
        end
        order.total = order.price * order.copies
      end
    end
"""
PHP = """
    <?php
    namespace App\\Http\\Controllers;
    class OrderController extends Controller {
        public function thin(Request $request) { return $this->orders->place($request->all()); }
        public function fat(Request $request) {
            $order = Order::find($request->id);
            if ($order->total > $order->limit) { abort(409); }
            $order->total = $order->price * $order->copies;
            return $order;
        }
    }
"""
GIN = """
    package main

    import "github.com/gin-gonic/gin"

    func main() {
        r := gin.Default()
        r.GET("/thin", thin)
        r.POST("/fat", fat)
    }

    func thin(c *gin.Context) {
        order, err := service.Find(c.Param("id"))
        if err != nil {
            return
        }
        c.JSON(200, order)
    }

    func fat(c *gin.Context) {
        order := load(c)
        if order.Total > order.Limit {
            return
        }
        order.Total = order.Price * order.Copies
    }
"""
CSHARP = """
    [ApiController]
    [Route("orders")]
    public class OrdersController : ControllerBase {
        [HttpGet] public Order Thin(int id) => service.Find(id);
        [HttpPost] public Order Fat(Order order) {
            if (order.Total > order.Limit) { return null; }
            order.Total = order.Price * order.Copies;
            return order;
        }
    }
"""
KOTLIN = """
    package a

    import org.springframework.web.bind.annotation.*

    @RestController
    class Orders(val service: Service) {
        @GetMapping("/thin")
        fun thin(id: Long): Order {
            return service.find(id)
        }

        @PostMapping("/fat")
        fun fat(order: Order): Order {
            if (order.total > order.limit) {
                throw Bad()
            }
            order.total = order.price * order.copies
            return order
        }
    }
"""
CASES = {
    "fastapi": ("api.py", FASTAPI, {"fat", "guard"}),
    "django": ("shop/stuff.py", DJANGO, {"Account/withdraw", "Fat/post"}),
    "express": ("routes/x.js", EXPRESS, {"(inline)"}),
    "nestjs": ("orders.ts", NEST, {"OrdersController/fat"}),
    "spring": ("A.java", SPRING, {"Orders/fat"}),
    "kotlin": ("A.kt", KOTLIN, {"Orders/fat"}),
    "rails": ("app/controllers/orders_controller.rb", RAILS, {"OrdersController/fat"}),
    "laravel": ("app/Http/Controllers/OrderController.php", PHP, {"OrderController/fat"}),
    "gin": ("main.go", GIN, {"fat"}),
    "aspnet": ("OrdersController.cs", CSHARP, {"OrdersController/Fat"}),
}


@pytest.mark.parametrize("framework", CASES)
def test_only_what_decides_is_reported(framework: str, tmp_path: Path) -> None:
    """Of each framework's handlers, controllers and models exactly those are reported that decide, compute or hold a transaction."""
    file, text, expected = CASES[framework]
    plant(tmp_path, {file: dedent(text).lstrip()})

    assert {one.function for one in logic(tmp_path).misplaced} == expected


def test_the_evidence_names_the_lines(tmp_path: Path) -> None:
    """Each reason comes with its line; the more of it, the higher the score."""
    plant(tmp_path, {"api.py": dedent(FASTAPI).lstrip()})

    fat, guard = logic(tmp_path).misplaced

    assert (fat.function, guard.function, guard.score) == ("fat", "guard", 2) and fat.score > 8
    assert [(e.line, e.text) for e in guard.evidence] == [(30, 'order.status == "paid"')]
    assert {"decides on domain data", "computes with domain data", "holds a transaction", "works through rows"} <= set(fat.reasons)


def test_services_and_tests_are_not_looked_at(tmp_path: Path) -> None:
    """Decisions in a service are in their place; tests and migrations are no controllers."""
    fat = "def charge(order):\n    if order.total > order.limit:\n        order.total -= order.credit\n"
    plant(tmp_path, {"services/orders.py": fat, "tests/controllers/test_x.py": fat, "controllers/orders.py": fat})

    assert [one.file for one in logic(tmp_path).misplaced] == ["controllers/orders.py"]
