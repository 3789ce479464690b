"""What clients see of users, articles and comments; each list is put together with a fixed number of statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from model import Article, ArticleTag, Comment, Favorite, Follow, User
from msgspec import Struct

from backwright import Id, Transaction

Reader = Transaction[User | None]


class UserView(Struct):
    """The signed-in user, with the token to sign further requests with."""

    email: str
    token: str
    username: str
    bio: str | None
    image: str | None


class Profile(Struct):
    """What everybody may know of a user."""

    username: str
    bio: str | None
    image: str | None
    following: bool


class Summary(Struct, rename="camel"):
    """An article as lists show it: without its body."""

    slug: str
    title: str
    description: str
    tag_list: list[str]
    created_at: datetime
    updated_at: datetime
    favorited: bool
    favorites_count: int
    author: Profile


class ArticleView(Summary, rename="camel"):
    """A whole article."""

    body: str


class Articles(Struct, rename="camel"):
    """A page of articles, and how many there are in all."""

    articles: list[Summary]
    articles_count: int


class CommentView(Struct, rename="camel"):
    """A comment."""

    id: Id[Comment]
    created_at: datetime
    updated_at: datetime
    body: str
    author: Profile


def user_view(user: User, token: str) -> UserView:
    """The signed-in user."""
    return UserView(email=user.email, token=token, username=user.username, bio=user.bio, image=user.image)


async def profiles(tx: Reader, ids: Sequence[Id[User]]) -> dict[Id[User], Profile]:
    """Profiles by id, as the caller sees them."""
    users = await tx.many(User, ids)
    me = tx.caller.id if tx.caller else None
    keys = list(users)
    follows = await tx.find(Follow, lambda f: f.follower == me and f.followed in keys) if me else []
    followed = {follow.followed for follow in follows}
    return {key: Profile(username=user.username, bio=user.bio, image=user.image, following=key in followed) for key, user in users.items()}


async def summaries(tx: Reader, articles: Sequence[Article]) -> list[Summary]:
    """Articles for a list: four statements, however many there are."""
    return [Summary(**fields) for fields in await _fields(tx, articles)]


async def article_view(tx: Reader, article: Article) -> ArticleView:
    """One article with its body."""
    return ArticleView(**(await _fields(tx, [article]))[0], body=article.body)


async def _fields(tx: Reader, articles: Sequence[Article]) -> list[dict[str, Any]]:
    keys = [article.id for article in articles]
    authors = await profiles(tx, [article.author for article in articles])
    tags: dict[Id[Article], list[str]] = {}
    for tag in await tx.query(ArticleTag).where(lambda t: t.article in keys).order_by(lambda t: t.name).all():
        tags.setdefault(tag.article, []).append(tag.name)
    me = tx.caller.id if tx.caller else None
    liked = await tx.find(Favorite, lambda f: f.reader == me and f.article in keys) if me else []
    favorited = {favorite.article for favorite in liked}
    return [
        {
            "slug": a.slug, "title": a.title, "description": a.description, "tag_list": tags.get(a.id, []), "created_at": a.created_at,
            "updated_at": a.updated_at, "favorited": a.id in favorited, "favorites_count": a.favorites, "author": authors[a.author],
        }
        for a in articles
    ]  # fmt: skip


async def comment_views(tx: Reader, comments: Sequence[Comment]) -> list[CommentView]:
    """Comments with their authors."""
    authors = await profiles(tx, [comment.author for comment in comments])
    return [CommentView(id=c.id, created_at=c.created_at, updated_at=c.updated_at, body=c.body, author=authors[c.author]) for c in comments]
