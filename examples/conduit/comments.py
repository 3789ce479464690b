"""Comments on articles."""

from articles import article_at
from errors import CommentMissing, NotYourComment
from model import Comment, Text, User
from views import CommentView, Reader, comment_views

from backwright import Id, Transaction


async def list_comments(tx: Reader, slug: str) -> list[CommentView]:
    """The comments on an article, oldest first."""
    key = (await article_at(tx, slug)).id
    return await comment_views(tx, await tx.find(Comment, lambda c: c.article == key))


async def write_comment(tx: Transaction[User], slug: str, body: Text) -> CommentView:
    """Comment on an article."""
    article = await article_at(tx, slug)
    comment = tx.add(Comment(article=article.id, author=tx.caller.id, body=body))
    return (await comment_views(tx, [comment]))[0]


async def delete_comment(tx: Transaction[User], slug: str, id: Id[Comment]) -> None:
    """Delete one's own comment."""
    key = (await article_at(tx, slug)).id
    comment = await tx.first(Comment, lambda c: c.id == id and c.article == key)
    if comment is None:
        raise CommentMissing
    if comment.author != tx.caller.id:
        raise NotYourComment
    tx.delete(comment)
