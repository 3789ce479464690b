"""Users: registering, signing in, changing oneself, following others."""

from typing import Annotated

from errors import ProfileMissing
from model import Follow, User
from views import Profile, Reader, UserView, profiles, user_view

from backwright import Limits, SignIn, Transaction

Filled = Annotated[str, Limits(min_length=1, max_length=254)]


async def register(visit: SignIn[User | None], username: Filled, email: Filled, password: Filled) -> UserView:
    """Register a new user."""
    user = await visit.sign_up(email, password, username=username)
    assert user is not None
    return user_view(user, (await visit.begin(user)).access_token)


async def log_in(visit: SignIn[User | None], email: Filled, password: Filled) -> UserView:
    """Sign in with an e-mail address and a password."""
    user, tokens = await visit.sign_in(email, password)
    assert user is not None
    return user_view(user, tokens.access_token)


async def current_user(visit: SignIn[User]) -> UserView:
    """The signed-in user."""
    return user_view(visit.caller, visit.token)


async def update_user(
    visit: SignIn[User],
    email: Filled | None = None,
    username: Filled | None = None,
    password: Filled | None = None,
    bio: str | None = None,
    image: str | None = None,
) -> UserView:
    """Change the signed-in user; what is left out stays as it is, an empty text clears."""
    async with visit.transaction() as tx:
        user = await tx.lock(User, visit.caller.id)
        user.email = visit.address(email) if email else user.email
        user.username = username or user.username
        user.bio = user.bio if bio is None else bio or None
        user.image = user.image if image is None else image or None
    if password:
        await visit.set_password(password)
    return user_view(user, visit.token)


async def profile(tx: Reader, username: str) -> Profile:
    """The profile of a user."""
    return (await profiles(tx, [(await _user(tx, username)).id])).popitem()[1]


async def follow(tx: Transaction[User], username: str) -> Profile:
    """Follow a user. Doing it twice changes nothing."""
    me, other = tx.caller.id, (await _user(tx, username)).id
    if await tx.first(Follow, lambda f: f.follower == me and f.followed == other) is None:
        tx.add(Follow(follower=me, followed=other))
    return (await profiles(tx, [other])).popitem()[1]


async def unfollow(tx: Transaction[User], username: str) -> Profile:
    """Stop following a user."""
    me, other = tx.caller.id, (await _user(tx, username)).id
    for found in await tx.find(Follow, lambda f: f.follower == me and f.followed == other):
        tx.delete(found)
    return (await profiles(tx, [other])).popitem()[1]


async def _user(tx: Reader, username: str) -> User:
    user = await tx.first(User, lambda u: u.username == username)
    if user is None:
        raise ProfileMissing
    return user
