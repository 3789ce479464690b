"""The RealWorld API ("Conduit") on Backwright. Run it: ``backwright serve examples/conduit``; it answers under ``/api``."""

from articles import change_article, delete_article, favorite, feed, list_articles, read_article, tags, unfavorite, write_article
from comments import delete_comment, list_comments, write_comment
from errors import conduit_errors
from model import Article, ArticleTag, Comment, Favorite, Follow, User
from users import current_user, follow, log_in, profile, register, unfollow, update_user

from backwright import AlreadyExists, App, Cors, Database, Malformed, Password, PasswordPolicy, Rest, Tier, allow, anyone, route, signed_in

ROUTES = [
    route("POST /users/login", log_in, takes="user", gives="user"),
    route("POST /users", register, takes="user", gives="user", status=201),
    route("GET /user", current_user, gives="user"),
    route("PUT /user", update_user, takes="user", gives="user"),
    route("GET /profiles/{username}", profile, gives="profile"),
    route("POST /profiles/{username}/follow", follow, gives="profile"),
    route("DELETE /profiles/{username}/follow", unfollow, gives="profile"),
    route("GET /articles/feed", feed),
    route("GET /articles", list_articles),
    route("POST /articles", write_article, takes="article", gives="article", status=201),
    route("GET /articles/{slug}", read_article, gives="article"),
    route("PUT /articles/{slug}", change_article, takes="article", gives="article"),
    route("DELETE /articles/{slug}", delete_article),
    route("GET /articles/{slug}/comments", list_comments, gives="comments"),
    route("POST /articles/{slug}/comments", write_comment, takes="comment", gives="comment"),
    route("DELETE /articles/{slug}/comments/{id}", delete_comment),
    route("POST /articles/{slug}/favorite", favorite, gives="article"),
    route("DELETE /articles/{slug}/favorite", unfavorite, gives="article"),
    route("GET /tags", tags, gives="tags"),
]

app = App(
    access=[
        *(allow(function, call=anyone) for function in (register, log_in, profile, list_articles, read_article, list_comments, tags)),
        *(allow(function, call=signed_in) for function in (current_user, update_user, follow, unfollow, feed, write_article)),
        *(allow(function, call=signed_in) for function in (change_article, delete_article, favorite, unfavorite)),
        *(allow(function, call=signed_in) for function in (write_comment, delete_comment)),
    ],
    sign_in=[Password(User, access_minutes=60 * 24, policy=PasswordPolicy(min_length=1, refuse_common=False))],
    serve=[
        Rest(
            prefix="/api",
            case="camel",
            resources=[],
            routes=ROUTES,
            errors=conduit_errors,
            error_statuses={AlreadyExists: 422, Malformed: 422},
            authorization="Token",
            accounts=False,
            cors=Cors(origins=("*",)),
            title="Conduit",
        )
    ],
    entities=[Article, ArticleTag, Comment, Favorite, Follow],
    tiers=[Tier("anonymous", 10_000_000), Tier("authenticated", 10_000_000)],
    database=Database.from_environment(),
)
