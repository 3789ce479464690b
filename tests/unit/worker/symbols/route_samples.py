"""Repositories in Python and Node frameworks, as small as their routes allow: file → text."""

FASTAPI = {
    "app/main.py": """
        from fastapi import FastAPI
        from app.api import api_router
        from app.core import settings

        app = FastAPI()
        app.include_router(api_router, prefix="/api")

        @app.get("/health")
        def health(): return {}
    """,
    "app/api.py": """
        from fastapi import APIRouter
        from app.routes import users, items as things
        from .routes.admin import router as admin

        V = "/v1"
        api_router = APIRouter()
        api_router.include_router(users.router, prefix=f"{V}/users", tags=["users"])
        api_router.include_router(things.router)
        api_router.include_router(admin, prefix=settings.ADMIN)
    """,
    "app/routes/users.py": """
        from fastapi import APIRouter
        router = APIRouter()

        @router.get("/{user_id}")
        async def read(user_id: int): ...

        @router.api_route("/", methods=["GET", "POST"])
        async def both(): ...
    """,
    "app/routes/items.py": """
        from fastapi import APIRouter
        router = APIRouter(prefix="/items")

        class Items:
            @router.websocket("/live")
            async def live(self, ws): ...
    """,
    "app/routes/admin.py": """
        from fastapi import APIRouter
        router = APIRouter()

        @router.delete("/all")
        def wipe(): ...
    """,
    "app/client.py": """
        import fastapi, requests
        def fetch(): return requests.get("/not/a/route")
    """,
}
FLASK = {
    "app.py": """
        from flask import Flask
        from shop.books import books

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(books, url_prefix="/books")
            app.add_url_rule("/ping", "ping", view_func=ping, methods=["GET"])
            return app
    """,
    "shop/books.py": """
        from flask import Blueprint
        books = Blueprint("books", __name__)

        @books.route("/<int:book_id>", methods=["GET", "DELETE"])
        def one(book_id): ...

        @books.post("/")
        def add(): ...
    """,
}
STARLETTE = {
    "main.py": """
        from starlette.applications import Starlette
        from starlette.routing import Mount, Route, WebSocketRoute

        routes = [
            Route("/", home),
            Mount("/users", routes=[Route("/{name:str}", user, methods=["GET", "PUT"]), WebSocketRoute("/ws", chat)]),
        ]
        app = Starlette(routes=routes)
    """,
}
LITESTAR = {
    "main.py": """
        from litestar import Controller, Litestar, Router, get, post

        @get("/ping")
        async def ping() -> str: ...

        class Users(Controller):
            path = "/users"

            @get("/{user_id:int}")
            async def one(self, user_id: int) -> dict: ...

            @post()
            async def add(self) -> dict: ...

        v1 = Router(path="/v1", route_handlers=[Users])
        app = Litestar(route_handlers=[ping, v1])
    """,
}
DJANGO = {
    "site/urls.py": """
        from django.urls import include, path, re_path
        from rest_framework.routers import DefaultRouter
        from shop import views

        router = DefaultRouter()
        router.register(r"books", views.BookViewSet)

        urlpatterns = [
            path("shop/", include("shop.urls")),
            path("api/", include(router.urls)),
            path("about/", views.About.as_view()),
            re_path(r"^old/(?P<year>[0-9]{4})/$", views.old),
        ]
    """,
    "shop/urls.py": """
        from django.urls import path
        from . import views

        urlpatterns = [path("<int:pk>/", views.detail), path("list/", views.Orders.as_view())]
    """,
    "shop/views.py": """
        from django.views import View
        from rest_framework import generics, viewsets
        from rest_framework.decorators import action, api_view

        @api_view(["GET", "PATCH"])
        def detail(request, pk): ...

        def old(request, year): ...

        class About(View):
            def get(self, request): ...

        class Orders(generics.ListCreateAPIView): ...

        class BookViewSet(viewsets.ReadOnlyModelViewSet):
            @action(detail=True, methods=["post"], url_path="lend-out")
            def lend(self, request, pk=None): ...
    """,
}
KIT = {
    "app.py": """
        from backwright import App, allow, anyone
        app = App(access=[allow(Book, read=anyone), allow(place_order, call=anyone)])
    """,
    "own.py": """
        from backwright import App, Rest, allow, anyone, resource, route
        ROUTES = [route("POST /users/login", log_in)]
        app = App(
            access=[*(allow(function, call=anyone) for function in (log_in,))],
            serve=[Rest(prefix="/api", routes=ROUTES, resources=[resource(Tag, "/tags", verbs=("list", "delete"))])],
        )
    """,
}
EXPRESS = {
    "src/server.js": """
        const express = require('express');
        const { api } = require('./routes');
        const app = express();
        app.use(express.json());
        app.use('/api', api);
        app.use('/auth', require('./routes/auth'));
        app.get('/health', (req, res) => res.send('ok'));
        app.get('title');
        module.exports = app;
    """,
    "src/routes/index.js": """
        const { Router } = require('express');
        const users = require('./users');
        const api = Router();
        api.use('/users', guard, users);
        module.exports = { api };
    """,
    "src/routes/users.js": """
        const express = require('express');
        const controller = require('../controllers/users');
        const router = express.Router();
        router.get('/:id', controller.read);
        router.route('/').get(controller.list).post(auth, controller.create);
        module.exports = router;
    """,
    "src/routes/auth.js": """
        import { Router } from 'express';
        const r = Router();
        r.post(`/login`, login);
        export default r;
    """,
    "src/client.js": "const axios = require('axios'); axios.get('/not/a/route', {});",
}
FASTIFY = {
    "app.ts": """
        import Fastify from 'fastify';
        import users from './users';
        const app = Fastify();
        app.register(users, { prefix: '/users' });
        app.route({ method: ['GET', 'HEAD'], url: '/x/:id', handler: read });
    """,
    "users.ts": """
        import { FastifyInstance } from 'fastify';
        export default async function routes(fastify: FastifyInstance) {
          fastify.get('/', async () => []);
          fastify.delete('/:id', { schema }, remove);
        }
    """,
}
KOA = {
    "app.js": """
        const Koa = require('koa');
        const Router = require('@koa/router');
        const app = new Koa();
        const router = new Router({ prefix: '/v2' });
        router.get('/ping', ping);
        app.use(router.routes()).use(router.allowedMethods());
        const users = new Router();
        users.prefix('/users');
        users.get('/bar', function* (next) { yield next; });
        app.use(users.routes());
    """,
}
NEST = {
    "src/main.ts": "import { NestFactory } from '@nestjs/core';\nasync function run() { const app = f(); app.setGlobalPrefix('api'); }",
    "src/cats.controller.ts": """
        import { Controller, Get, Post, Param } from '@nestjs/common';

        @UseGuards(AuthGuard('jwt'))
        @Controller('cats')
        export class CatsController {
          constructor(private readonly cats: CatsService) {}

          @Get()
          findAll() { return this.cats.all(); }

          @Get(':id')
          @HttpCode(200)
          async findOne(@Param('id') id: string) { return this.cats.one(id); }

          @Post('bulk')
          create() {}

          helper() {}
        }
    """,
}
NEXT = {
    "pages/api/users/[id].ts": "export default function handler(req, res) { if (req.method === 'POST') {} }",
    "app/(shop)/orders/[orderId]/route.ts": """
        import { NextResponse } from 'next/server';
        export async function GET() { return NextResponse.json({}); }
        export const POST = async () => NextResponse.json({});
    """,
}
