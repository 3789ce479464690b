"""Designs in GraphQL, protobuf and Markdown: what they become, and that everything in them is accounted for."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.worker.account import Entry
from backwright.worker.blueprint import Blueprint
from backwright.worker.importers.design import import_design
from backwright.worker.infer.blueprint import infer
from backwright.worker.place import BrokenDesign
from tests.unit.worker.designs import written

SDL = '''"""What a customer can buy."""
type Book { id: ID!  isbn: String! @unique  title: String! @length(max: 80)  author: Author!  reviews(first: Int): [Review!]! }
type Author { id: ID!  name: String!  books: [Book!]! }
type Review { id: ID!  book: Book!  stars: Int! @range(min: 1, max: 5) }
type Order { id: ID!  total: Float!  lines: [Line!]!  customer: User! }
type Line { book: Book!  copies: Int! }
type User { id: ID!  email: String! }
union Found = Book | Author
scalar Colour
directive @internal on FIELD_DEFINITION
input NewBook { isbn: String!  title: String!  authorId: ID! }
input LineInput { bookId: ID!  copies: Int! }
type BookPayload { book: Book! }
type PageInfo { endCursor: String }
type BookEdge { node: Book! }
type BookConnection { edges: [BookEdge!]!  pageInfo: PageInfo! }
type Query {
  book(id: ID!): Book  books(first: Int, authorId: ID): BookConnection!
  authors: [Author!]!  me: User  find(text: String!): [Found!]!
}
type Mutation {
  createBook(input: NewBook!): BookPayload!
  updateBook(id: ID!, title: String): Book!
  deleteBook(id: ID!): Boolean!
  placeOrder(lines: [LineInput!]!): Order!
  signIn(email: String!, password: String!): String!
}
type Subscription { bookAdded: Book! }
'''
PROTO = """syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/empty.proto";
// A book on the shelf.
message Book {
  string id = 1;
  string isbn = 2 [(google.api.field_behavior) = REQUIRED];
  Author author = 3;
  optional Genre genre = 4;
  google.protobuf.Timestamp seen_at = 5 [(google.api.field_behavior) = OUTPUT_ONLY];
  map<string, string> labels = 6;
}
message Author { int64 id = 1; string name = 2; }
enum Genre { GENRE_UNSPECIFIED = 0; FICTION = 1; }
message GetBookRequest { string id = 1; }
message ListBooksRequest { int32 page_size = 1; Genre genre = 2; }
message ListBooksResponse { repeated Book books = 1; string next_page_token = 2; }
message CreateBookRequest { Book book = 1; }
message RestockRequest { string book_id = 1; int32 copies = 2; }
message ListAuthorsRequest {}
message ListAuthorsResponse { repeated Author authors = 1; }
service Books {
  rpc GetBook(GetBookRequest) returns (Book) { option (google.api.http) = { get: "/v2/library/{id}" }; }
  rpc ListBooks(ListBooksRequest) returns (ListBooksResponse);
  rpc CreateBook(CreateBookRequest) returns (Book);
  rpc Restock(RestockRequest) returns (google.protobuf.Empty);
  rpc WatchBooks(ListBooksRequest) returns (stream Book);
  rpc ListAuthors(ListAuthorsRequest) returns (ListAuthorsResponse);
}
"""


@pytest.fixture(scope="module")
def sdl(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    """The blueprint of the SDL above."""
    return infer(import_design([written(tmp_path_factory.mktemp("sdl"), SDL, "shop.graphql")]))


@pytest.fixture(scope="module")
def proto(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    """The blueprint of the file above."""
    return infer(import_design([written(tmp_path_factory.mktemp("proto"), PROTO, "shop.proto")]))


def routes(blueprint: Blueprint) -> dict[str, str]:
    """What each operation is."""
    return {f"{o.method} {blueprint.contract.prefix}{o.path}": o.kind for o in blueprint.operations}


def entry(blueprint: Blueprint, name: str) -> Entry:
    """What became of one element."""
    return next(e for e in blueprint.accounted if e.element.name == name)


def refused(folder: Path, text: str, name: str) -> list[str]:
    """What is said against a text."""
    with pytest.raises(BrokenDesign) as found:
        import_design([written(folder, text, name)])
    return [str(problem) for problem in found.value.problems]


def test_root_fields_are_served(sdl: Blueprint) -> None:
    """Queries read, mutations make, change and delete; what no name explains is a command."""
    assert routes(sdl) == {
        "GET /v1/books/{id}": "read", "GET /v1/books": "list", "POST /v1/books": "create", "PATCH /v1/books/{id}": "update",
        "DELETE /v1/books/{id}": "delete", "GET /v1/authors": "list", "GET /v1/me": "me", "GET /v1/find": "command",
        "GET /v1/reviews": "list", "POST /v1/place-order": "command", "POST /v1/sign-in": "sign_in",
    }  # fmt: skip


def test_types_are_stored_with_what_they_refer_to(sdl: Blueprint) -> None:
    """Types with an id are entities, their objects references, embedded rows parts, and directives limits."""
    assert {e.name for e in sdl.entities} == {"Book", "Author", "Review", "Order", "Line", "User"}
    book, review, line = sdl.entity("Book"), sdl.entity("Review"), sdl.entity("Line")
    author, isbn, title, stars = book.field("author"), book.field("isbn"), book.field("title"), review.field("stars")
    assert author is not None and author.target == "Author" and isbn is not None and isbn.unique
    assert title is not None and title.limits.max_length == 80
    assert stars is not None and (stars.limits.ge, stars.limits.le) == (1, 5)
    assert (line.part_of, line.embedded_as) == ("Order", "lines")


def test_every_definition_is_accounted_for(sdl: Blueprint) -> None:
    """Each type, field, argument, directive and value has one entry, at its line; what is not served as it stands says why."""
    assert len(sdl.accounted) == len({(e.element.kind, e.element.name) for e in sdl.accounted})
    assert entry(sdl, "Book.title").verdict == "built" and str(entry(sdl, "Book.title").element.place) == "shop.graphql:2"
    assert entry(sdl, "Book.author").reason.startswith("served as author_id")
    assert "GET /v1/books" in entry(sdl, "Query.books").reason
    assert {entry(sdl, name).verdict for name in ("Subscription.bookAdded", "Found", "@internal", "BookPayload")} == {"refused"}
    said = SDL.count(":") - SDL.count("min:") - SDL.count("max:")
    told = [e for e in sdl.accounted if e.element.kind in ("field", "operation", "argument", "subscription")]
    assert len(told) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("type Book { id: ID! author: Author! }", "shop.graphql:1: error: Unknown type 'Author'"),
        ("type Book {\n id: ID!\n", "shop.graphql:3: error: Syntax Error"),
        ("type A { id: ID! }\ntype A { x: Int }", "There can be only one type named 'A'"),
        ("query { books { id } }", "This is a query, not a definition"),
        ("schema { query: Query }", "Unknown type 'Query'"),
    ],
)
def test_broken_sdl_is_told_by_line(tmp_path: Path, text: str, said: str) -> None:
    """Syntax, unknown and doubled names, and queries: each with its line."""
    assert any(said in line for line in refused(tmp_path, text, "shop.graphql"))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_of_sdl(text: str) -> None:
    """Whatever stands in the file: a design, or problems."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "x.graphql"
        place.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            infer(import_design([place]))
        except BrokenDesign as broken:
            assert broken.problems


def test_methods_are_served(proto: Blueprint) -> None:
    """By their names, or at the method and path of google.api.http; streams wait for the gRPC door."""
    assert routes(proto) == {
        "GET /v2/library/{id}": "read", "GET /v1/books": "list", "POST /v1/books": "create", "POST /v1/restock": "command",
        "GET /v1/authors": "list",
    }  # fmt: skip
    assert entry(proto, "Books.WatchBooks").verdict == "refused"


def test_messages_are_stored(proto: Blueprint) -> None:
    """Messages that methods get, list or make are entities; timestamps, maps, enums and keys have their kinds."""
    book, author = proto.entity("Book"), proto.entity("Author")
    seen, genre, held = book.field("seen_at"), book.field("genre"), book.field("author")
    assert author.id_kind == "int" and held is not None and held.target == "Author"
    assert seen is not None and seen.kind.value == "datetime" and seen.managed
    assert genre is not None and genre.optional and [m for _, m in proto.enums[0].members] == ["FICTION"]


def test_every_field_of_a_message_is_accounted_for(proto: Blueprint) -> None:
    """Messages, fields, enums, services and methods: one entry each, at its line."""
    names = [e.element.name for e in proto.accounted]
    assert len(names) == len(set(names)) and {"Book.labels", "ListBooksResponse.books", "Genre", "Books", "Books.Restock"} <= set(names)
    assert str(entry(proto, "Book.isbn").element.place) == "shop.proto:10"
    assert entry(proto, "Book.author").reason.startswith("served as author_id")


def test_broken_protobuf_is_told_by_line(tmp_path: Path) -> None:
    """What the compiler says, every problem at once."""
    lines = refused(tmp_path, 'syntax = "proto3";\nmessage A { B b = 1; }\nmessage C { D d = 1; }\n', "shop.proto")
    assert [line.partition(" ")[0] for line in lines] == ["shop.proto:2:", "shop.proto:3:"]
    lines = refused(tmp_path, "syntax = 'proto3'; import 'gone.proto';", "shop.proto")
    assert any(line.startswith("gone.proto:1: error: File not found") for line in lines)


def test_notes_stand_beside_a_contract(tmp_path: Path) -> None:
    """Markdown is context: decisions have their status, headings are accounted for, and an endpoint the contract lacks is a warning."""
    written(tmp_path, SDL, "shop.graphql")
    written(tmp_path, "# API notes\n\nClients call `GET /v1/books/{id}` and POST /v1/nowhere.\n", "notes.md")
    (tmp_path / "adr").mkdir()
    written(tmp_path / "adr", "# 1. Use tokens\n\n## Status\n\nAccepted\n", "0001-tokens.md")
    design = import_design([tmp_path])
    assert {(note.kind, note.title, note.status) for note in design.context} == {
        ("notes", "API notes", ""), ("decision", "1. Use tokens", "Accepted"),
    }  # fmt: skip
    assert [str(w).partition(" (at")[0] for w in design.warnings] == [
        "notes.md:3: warning: POST /v1/nowhere is named here, and the contract has no such operation. "
        "Add it to the contract, or correct the note."
    ]
    assert entry(infer(design), "API notes").verdict == "changed"


def test_notes_alone_are_no_design(tmp_path: Path) -> None:
    """Nothing can be built from context."""
    assert "Markdown alone is no design" in refused(tmp_path, "# Notes\n", "notes.md")[0]
