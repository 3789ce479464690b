"""What a source file says of others: its imports, where it begins, which patterns it shows. Text in, values out. Pure.

Words in comments, in strings of several lines and behind a file's end are blank first, so that they cannot count.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

ECOSYSTEMS = {
    "Python": "python", "JavaScript": "node", "TypeScript": "node", "Java": "jvm", "Kotlin": "jvm", "Groovy": "jvm", "Go": "go",
    "C#": "dotnet", "F#": "dotnet", "Ruby": "ruby", "PHP": "php",
}  # fmt: skip
"""The languages whose source is looked into."""

_STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_SLASHES = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_BLANK = {
    "python": rf'(?P<out>(?:"""|\'\'\').*?(?:(?<!\\)(?:"""|\'\'\')|\Z)|#[^\n]*)|{_STRING}',
    "node": rf"(?P<out>{_SLASHES}|`(?:\\.|[^`\\])*`)|{_STRING}|\\.",
    "jvm": rf'(?P<out>{_SLASHES}|""".*?(?:"""|\Z))|{_STRING}',
    "go": rf"(?P<out>{_SLASHES}|`[^`]*`)|{_STRING}",
    "dotnet": rf'(?P<out>{_SLASHES}|""".*?(?:"""|\Z)|@"(?:""|[^"])*")|{_STRING}',
    "ruby": r"(?P<out>^=begin\b.*?(?:^=end\b|\Z)|^__END__$.*|<<[~-](?P<tag>[A-Z_]+)\b.{0,20000}?^\s*(?P=tag)\b|(?<![\w$?&])#[^\n]*)|"
    + _STRING,
    "php": rf"(?P<out>{_SLASHES}|\#(?!\[)[^\n]*|<<<\s*[\"']?(?P<tag>\w+)[\"']?\n.{{0,20000}}?^\s*(?P=tag)\b)|{_STRING}",
}
_BLANKS = {ecosystem: re.compile(pattern, re.S | re.M) for ecosystem, pattern in _BLANK.items()}

_IMPORTS = {
    "python": re.compile(
        r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]{0,5000}\)|[^\n;]+)|import[ \t]+([\w.]+(?:[ \t]*,[^\n;]+)?))", re.M
    ),
    "node": re.compile(
        r"""^[ \t]*(?:import|export)\b(?![ \t]+type\b)[^'"`;]{0,1500}?\bfrom[ \t]*['"]([^'"\n]+)['"]"""
        r"""|^[ \t]*import[ \t]*['"]([^'"\n]+)['"]|\b(?:require|import)\([ \t]*['"]([^'"\n]+)['"]""",
        re.M,
    ),
    "jvm": re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)", re.M),
    "dotnet": re.compile(r"^[ \t]*(?:global[ \t]+)?using[ \t]+(?:static[ \t]+)?(?:\w+[ \t]*=[ \t]*)?([\w.]+)[ \t]*;", re.M),
    "php": re.compile(r"^[ \t]*use[ \t]+(?:function[ \t]+|const[ \t]+)?\\?(\w+(?:\\\w+)+)", re.M),
    "ruby": re.compile(r"""^[ \t]*require[ \t(]+['"]([^'"\n]+)['"]|(?<![\w:@.'"])([A-Z]\w*(?:::[A-Z]\w*)*)""", re.M),
}
_GO_BLOCK = re.compile(r"^import[ \t]*\(([^)]*)\)|^import[ \t]+(?:[\w.]+[ \t]+)?\"([^\"\n]+)\"", re.M)
_GO_LINE = re.compile(r'"([^"\n]+)"')

WEB, WORKER, RPC, PROGRAM = "web", "worker", "rpc", "main"


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a program begins, or a server is made: what for people, the framework by name (or nothing), ``web``, ``worker``,
    ``rpc``, or ``main`` for a program of any kind."""

    what: str
    kind: str
    framework: str
    offset: int
    name: str
    """What the code calls the app, where it has a name; ``make()`` for one that a function makes, if that can be called with nothing."""
    listens: bool = True
    """Whether the file that makes it starts it too, as far as its language leaves that open."""


_BEGINNINGS: dict[str, list[tuple[str, str, str, str]]] = {
    "python": [
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)?FastAPI\(", "FastAPI app", WEB, "FastAPI"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)?Flask\(", "Flask app", WEB, "Flask"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)?Starlette\(", "Starlette app", WEB, "Starlette"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)?Litestar\(", "Litestar app", WEB, "Litestar"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)?Sanic\(", "Sanic app", WEB, "Sanic"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)?Quart\(", "Quart app", WEB, "Quart"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*falcon\.(?:asgi\.)?App\(", "Falcon app", WEB, "Falcon"),
        (r"^(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:backwright\.)?App\(", "Backwright app", WEB, "Backwright"),
        *((rf"\breturn[ \t]+(?:\w+\.)?{name}\(", f"{name} factory", WEB, name) for name in ("FastAPI", "Flask", "Starlette", "Litestar")),
        (r"\b(?:aiohttp\.)?web\.Application\(", "aiohttp app", WEB, "aiohttp"),
        (r"\btornado\.web\.Application\(", "Tornado app", WEB, "Tornado"),
        (r"^[^\n]*\bexecute_from_command_line\(", "Django manage.py", WEB, "Django"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*=[ \t]*get_[wa]sgi_application\(", "Django server entry", WEB, "Django"),
        (r"^[ \t]*(?P<name>\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:celery\.)?Celery\(", "Celery app", WORKER, ""),
        (r"\bgrpc\.(?:aio\.)?server\(", "gRPC server", RPC, ""),
    ],
    "node": [
        (r"\bexpress\(\s*\)", "Express app", WEB, "Express"),
        (r"\bNestFactory\.create(?:Microservice|ApplicationContext)?\b", "NestJS bootstrap", WEB, "NestJS"),
        (r"(?<![\w.])[fF]astify\(", "Fastify app", WEB, "Fastify"),
        (r"\brequire\(['\"]fastify['\"]\)\(", "Fastify app", WEB, "Fastify"),
        (r"\bnew Koa\(", "Koa app", WEB, "Koa"),
        (r"\bnew Hono\b", "Hono app", WEB, "Hono"),
        (r"\bHapi\.server\(", "hapi server", WEB, "hapi"),
        (r"\brestify\.createServer\(", "Restify server", WEB, "Restify"),
        (r"\bnew Elysia\(", "Elysia app", WEB, "Elysia"),
        (r"\bnew (?:BullMQ\.)?Worker\(\s*['\"\w]", "BullMQ worker", WORKER, ""),
    ],
    "jvm": [
        (r"@SpringBootApplication\b", "Spring Boot application", WEB, "Spring Boot"),
        (r"\bSpringApplication\.run\(|\brunApplication<", "Spring Boot main", WEB, "Spring Boot"),
        (r"\bMicronaut\.(?:run|build)\(|\bMicronaut\.\w+\(", "Micronaut main", WEB, "Micronaut"),
        (r"@QuarkusMain\b|\bQuarkus\.run\(", "Quarkus main", WEB, "Quarkus"),
        (r"^@Path\(", "REST resource", WEB, "Quarkus"),
        (r"\bembeddedServer\(", "Ktor server", WEB, "Ktor"),
        (r"\bJavalin\.create\(", "Javalin app", WEB, "Javalin"),
    ],
    "go": [
        (r"^func main\(\)", "main", PROGRAM, ""),
        (r"\bgin\.(?:Default|New)\(", "Gin engine", WEB, "Gin"),
        (r"\becho\.New\(", "Echo server", WEB, "Echo"),
        (r"\bfiber\.New\(", "Fiber app", WEB, "Fiber"),
        (r"\bchi\.NewRouter\(|\bchi\.NewMux\(", "chi router", WEB, "chi"),
        (r"\bmux\.NewRouter\(", "Gorilla router", WEB, "Gorilla mux"),
        (r"\bhttp\.ListenAndServe(?:TLS)?\(|\bhttp\.Server\{|\bhttp\.Serve\(", "net/http server", WEB, "net/http"),
        (r"\bgrpc\.NewServer\(", "gRPC server", RPC, ""),
        (r"\basynq\.NewServer\(", "asynq server", WORKER, ""),
        (r"\bworker\.New\(", "Temporal worker", WORKER, ""),
    ],
    "dotnet": [
        (r"\bWebApplication\.Create(?:Slim|Empty)?Builder\b|\bWebApplication\.Create\(", "ASP.NET Core app", WEB, "ASP.NET Core"),
        (r"\bConfigureWebHostDefaults\b|\bWebHost\.CreateDefaultBuilder\b|\.UseStartup<", "ASP.NET Core host", WEB, "ASP.NET Core"),
        (r"\bHost\.Create(?:Default|Application)Builder\b", "generic host", WORKER, ""),
    ],
    "ruby": [
        (r"^\s*class\s+\S+\s*<\s*(?:::)?Rails::Application\b", "Rails application", WEB, "Rails"),
        (r"^\s*class\s+\S+\s*<\s*(?:::)?Sinatra::(?:Base|Application)\b", "Sinatra app", WEB, "Sinatra"),
        (r"^require ['\"]sinatra(?:/reloader)?['\"]", "Sinatra script", WEB, "Sinatra"),
        (r"^\s*class\s+\S+\s*<\s*(?:::)?Grape::API\b", "Grape API", WEB, "Grape"),
        (r"^\s*class\s+\S+\s*<\s*(?:::)?Hanami::App\b", "Hanami app", WEB, "Hanami"),
    ],
    "php": [
        (r"\bAppFactory::create\(", "Slim app", WEB, "Slim"),
        (r"\bApplication::configure\(|new Illuminate\\Foundation\\Application\(", "Laravel application", WEB, "Laravel"),
        (r"\bclass\s+Kernel\s+extends\s+BaseKernel\b", "Symfony kernel", WEB, "Symfony"),
    ],
}  # fmt: skip
_BEGINS = {e: [(re.compile(p, re.M), what, kind, name) for p, what, kind, name in listed] for e, listed in _BEGINNINGS.items()}

_LISTENS = re.compile(r"\.(?:listen|start|serve)\(|\bserve\(|\bNestFactory\b|\bexport default\b")
_BLOCK = re.compile(r"^(?:(?:async[ \t]+)?(def|class)[ \t]+(\w+)[ \t]*(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?|(?=[^\s#)\]}]))", re.M)
"""What stands at the left margin of a Python module: a function, a class, or anything else."""

_HINTS = {
    "python": (
        "FastAPI(",
        "Flask(",
        "Starlette(",
        "Litestar(",
        "Sanic(",
        "Quart(",
        "App(",
        "pplication(",
        "execute_from",
        "Celery(",
        ".server(",
    ),
    "node": ("express(", "NestFactory", "astify", "Koa(", "Hono", "Hapi.", "restify.", "Elysia(", "Worker("),
    "jvm": ("@SpringBoot", "SpringApplication", "runApplication", "Micronaut.", "Quarkus", "@Path(", "embeddedServer", "Javalin."),
    "go": ("func main", "gin.", "echo.", "fiber.", "chi.", "mux.", "http.", "grpc.", "asynq.", "worker."),
    "dotnet": ("WebApplication", "WebHost", "UseStartup", "Host."),
    "ruby": ("Rails::", "sinatra", "Sinatra", "Grape::", "Hanami::"),
    "php": ("AppFactory", "Application", "BaseKernel"),
}
"""Words without which no beginning is there: looking for them is many times faster."""

_CLASS = re.compile(
    r"^[ \t]*(?:[\w@\[\]()]+[ \t]+){0,6}?(?:class|interface|type|record|object|trait|struct)[ \t]+(?:[\w]+::)*(\w+)([^\n]*)", re.M
)
_PATTERNS = [
    ("CQRS", re.compile(r"\w(CommandHandler|QueryHandler)$")),
    ("domain events", re.compile(r"\w(DomainEvent|EventHandler|EventListener|EventSubscriber)$|^DomainEvent$")),
    ("controllers", re.compile(r"\wController$")),
    ("repository", re.compile(r"\w(Repository|RepositoryImpl|Repo)$")),
    ("service layer", re.compile(r"\w(Service|ServiceImpl|UseCase|Interactor)$")),
]
_EVENT = re.compile(r"\wEvent$")


def bare(text: str, ecosystem: str) -> str:
    """The text, as long as before, with everything blank that is no code; line ends stay."""
    return _BLANKS[ecosystem].sub(lambda m: m[0] if m["out"] is None else re.sub(r"[^\n]", " ", m[0]), text)


def imported(text: str, ecosystem: str) -> Iterator[tuple[str, int]]:
    """The names that a source imports, each with its place. The text may be bare or not."""
    if ecosystem == "go":
        for block in _GO_BLOCK.finditer(text):
            if block[2]:
                yield block[2], block.start()
            else:
                yield from ((m[1], block.start(1) + m.start()) for m in _GO_LINE.finditer(block[1]))
        return
    for match in _IMPORTS[ecosystem].finditer(text):
        if ecosystem != "python":
            yield next(group for group in match.groups() if group), match.start()
        elif match[1]:
            yield match[1], match.start()
            names = re.sub(r"#[^\n]*", "", match[2]).strip("() \t")
            yield from ((f"{match[1]}.{name.split()[0]}", match.start()) for name in names.split(",") if name.strip())
        else:
            yield from ((name.split()[0], match.start()) for name in match[3].split(",") if name.strip())


def beginnings(text: str, ecosystem: str) -> Iterator[Beginning]:
    """Where programs begin in bare text."""
    for pattern, what, kind, framework in _BEGINS[ecosystem]:
        match = pattern.search(text)
        if match:
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            name = match.groupdict().get("name") or ""
            if ecosystem == "python" and kind == WEB and (name or what.endswith(" factory")):
                name = _reached(text, start, name)
            listens = ecosystem != "node" or kind == WORKER or _LISTENS.search(text) is not None
            yield Beginning(what, kind, framework, start, name, listens)


def _reached(text: str, start: int, name: str) -> str:
    """How the app of a Python module is reached: its own name at the top of the file; ``make()`` for one made in a function
    of the module; nothing for one that is made elsewhere, or by a function that wants arguments."""
    if text.rfind("\n", 0, start) + 1 == start:
        return name
    around = deque(_BLOCK.finditer(text, 0, start), 1)
    if not around or not around[0][1]:
        return name
    if around[0][1] == "class":
        return ""
    wanted = [part for part in (around[0][3] or "").split(",") if part.strip() and "=" not in part and "*" not in part]
    return "" if wanted else f"{around[0][2]}()"


def begins(text: str, ecosystem: str) -> bool:
    """Whether the text, comments and all, may begin something: a quick look before the careful one."""
    return any(hint in text for hint in _HINTS[ecosystem])


def patterns(text: str, folder: str) -> Iterator[tuple[str, int]]:
    """The architectural patterns that class names show, each with its place."""
    for match in _CLASS.finditer(text):
        name, rest = match[1], match[2]
        found = next((pattern for pattern, ends in _PATTERNS if ends.search(name)), None)
        if found is None and _EVENT.search(name) and (re.search(r"(^|/)(domain_?)?events?(/|$)", folder, re.I) or "DomainEvent" in rest):
            found = "domain events"
        if found is None and re.search(r"\b(ICommandHandler|IQueryHandler|IRequestHandler)\b", rest):
            found = "CQRS"
        if found:
            yield found, match.start(1)
