"""What Conduit stores: people, whom they follow, articles with tags, comments and favourites."""

from typing import Annotated

from backwright import Account, CountedIn, Entity, Id, Limits, Managed, Owner, PartOf, Unique, index, unique

Line = Annotated[str, Limits(min_length=1, max_length=300)]
Text = Annotated[str, Limits(min_length=1, max_length=100_000)]


class User(Account):
    """Somebody who writes and reads."""

    username: Unique[Annotated[str, Limits(min_length=1, max_length=100)]]
    bio: str | None = None
    image: str | None = None


class Follow(Entity):
    """One user follows another."""

    follower: Id[User]
    followed: Id[User]

    @unique
    def once(self) -> object:
        return self.follower, self.followed


class Article(Entity):
    """Something written, found by its slug."""

    slug: Unique[Line]
    title: Line
    description: Line
    body: Text
    author: Owner[User]
    favorites: Managed[int] = 0

    @index()
    def newest(self) -> object:
        return self.created_at

    @index()
    def newest_of_author(self) -> object:
        return self.author, self.created_at


class ArticleTag(Entity):
    """One word that an article is filed under."""

    article: PartOf[Article]
    name: Annotated[str, Limits(min_length=1, max_length=100)]

    @unique
    def once(self) -> object:
        return self.article, self.name

    @index()
    def by_name(self) -> object:
        return self.name, self.article


class Favorite(Entity):
    """One user likes an article."""

    article: Annotated[PartOf[Article], CountedIn(lambda article: article.favorites, because="every list shows and may sort by it")]
    reader: Id[User]

    @unique
    def once(self) -> object:
        return self.article, self.reader


class Comment(Entity, id=int, stamps=True):
    """What somebody said about an article."""

    article: PartOf[Article]
    author: Owner[User]
    body: Text
