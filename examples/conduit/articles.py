"""Articles: writing, listing, the feed, favourites, tags."""

import re
import unicodedata
from secrets import token_hex
from typing import Annotated

from errors import ArticleMissing, NotYourArticle
from model import Article, ArticleTag, Favorite, Follow, Line, Text, User
from views import Articles, ArticleView, Reader, article_view, summaries

from backwright import Limits, Transaction, exists

Limit = Annotated[int, Limits(ge=1, le=100)]
Offset = Annotated[int, Limits(ge=0)]
Tag = Annotated[str, Limits(min_length=1, max_length=100)]


async def list_articles(
    tx: Reader, tag: str | None = None, author: str | None = None, favorited: str | None = None, limit: Limit = 20, offset: Offset = 0
) -> Articles:
    """Recent articles of everybody, newest first; by tag, author or who likes them."""
    query = tx.query(Article)
    if tag is not None:
        query = query.where(lambda a: exists(ArticleTag, lambda t: t.article == a.id and t.name == tag))
    if author is not None:
        query = query.where(lambda a: exists(User, lambda u: u.id == a.author and u.username == author))
    if favorited is not None:
        reader = await tx.first(User, lambda u: u.username == favorited)
        if reader is None:
            return Articles(articles=[], articles_count=0)
        key = reader.id
        query = query.where(lambda a: exists(Favorite, lambda f: f.article == a.id and f.reader == key))
    count = await query.count()
    page = await query.order_by(lambda a: a.created_at, descending=True).limit(limit).offset(offset).all()
    return Articles(articles=await summaries(tx, page), articles_count=count)


async def feed(tx: Transaction[User], limit: Limit = 20, offset: Offset = 0) -> Articles:
    """Recent articles of those whom the caller follows, newest first."""
    me = tx.caller.id
    query = tx.query(Article).where(lambda a: exists(Follow, lambda f: f.follower == me and f.followed == a.author))
    count = await query.count()
    page = await query.order_by(lambda a: a.created_at, descending=True).limit(limit).offset(offset).all()
    return Articles(articles=await summaries(tx, page), articles_count=count)


async def read_article(tx: Reader, slug: str) -> ArticleView:
    """One article."""
    return await article_view(tx, await article_at(tx, slug))


async def write_article(
    tx: Transaction[User], title: Line, description: Line, body: Text, tag_list: list[Tag] | None = None
) -> ArticleView:
    """Publish an article. Articles may share a title; each gets a slug of its own."""
    slug = await free_slug(tx, title)
    article = tx.add(Article(slug=slug, title=title, description=description, body=body, author=tx.caller.id))
    for name in dict.fromkeys(tag_list or []):
        tx.add(ArticleTag(article=article.id, name=name))
    return await article_view(tx, article)


async def change_article(
    tx: Transaction[User], slug: str, title: Line | None = None, description: Line | None = None, body: Text | None = None,
    tag_list: list[Tag] | None = None,
) -> ArticleView:  # fmt: skip
    """Change an article; what is left out stays. A new title makes a new slug."""
    article = await own_article(tx, slug)
    if title is not None and title != article.title:
        article.title, article.slug = title, await free_slug(tx, title)
    article.description = article.description if description is None else description
    article.body = article.body if body is None else body
    if tag_list is not None:
        key = article.id
        for tag in await tx.find(ArticleTag, lambda t: t.article == key):
            tx.delete(tag)
        await tx.flush()
        tx.add_many(ArticleTag(article=key, name=name) for name in dict.fromkeys(tag_list))
    return await article_view(tx, article)


async def delete_article(tx: Transaction[User], slug: str) -> None:
    """Delete an article with its comments and favourites."""
    tx.delete(await own_article(tx, slug))


async def favorite(tx: Transaction[User], slug: str) -> ArticleView:
    """Like an article. Doing it twice changes nothing."""
    article = await article_at(tx, slug)
    key, me = article.id, tx.caller.id
    if await tx.first(Favorite, lambda f: f.article == key and f.reader == me) is None:
        tx.add(Favorite(article=key, reader=me))
    return await article_view(tx, await tx.refresh(article))


async def unfavorite(tx: Transaction[User], slug: str) -> ArticleView:
    """Stop liking an article."""
    article = await article_at(tx, slug)
    key, me = article.id, tx.caller.id
    for found in await tx.find(Favorite, lambda f: f.article == key and f.reader == me):
        tx.delete(found)
    return await article_view(tx, await tx.refresh(article))


async def tags(tx: Reader) -> list[str]:
    """Every tag in use."""
    return await tx.sql(str, "select distinct name from article_tag order by name")


async def article_at(tx: Reader, slug: str) -> Article:
    """The article at a slug. Raises `ArticleMissing`."""
    article = await tx.first(Article, lambda a: a.slug == slug)
    if article is None:
        raise ArticleMissing
    return article


async def own_article(tx: Transaction[User], slug: str) -> Article:
    """The caller's article at a slug, locked. Raises `ArticleMissing`, `NotYourArticle`."""
    article = await article_at(tx, slug)
    if article.author != tx.caller.id:
        raise NotYourArticle
    return await tx.lock(Article, article.id)


async def free_slug(tx: Reader, title: str) -> str:
    """A slug that no article has yet: the title's words, with a few letters of chance behind them where they are taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:200] or "article"
    return f"{base}-{token_hex(4)}" if await tx.first(Article, lambda a: a.slug == base) else base
