"""The routes of a repository: each file gives its sheet, the sheets together give whole paths."""

import re
from collections.abc import Callable
from pathlib import Path

from backwright.worker.symbols.code import Code
from backwright.worker.symbols.files import Look, Told, silent
from backwright.worker.symbols.routes import annotated, django, grouped, laravel, node, python, rails
from backwright.worker.symbols.routes.compose import compose
from backwright.worker.symbols.routes.route import Routes, Sheet

Reader = Callable[[Code], Sheet | None]
_PYTHON: tuple[tuple[bytes, Reader], ...] = (
    (rb"\b(fastapi|flask|starlette|litestar|quart|backwright)\b", python.read),
    (rb"\b(django|rest_framework|urlpatterns)\b", django.read),
)
_NODE: tuple[tuple[bytes, Reader], ...] = (
    (rb"@nestjs/", lambda code: annotated.read(code, annotated.NEST)),
    (rb"\b(express|Router|router|fastify|koa|hono|app|server|NextResponse|NextRequest|NextApiRequest|GET|POST)\b", node.read),
)
_JAVA: tuple[tuple[bytes, Reader], ...] = (
    (rb"org\.springframework\.", lambda code: annotated.read(code, annotated.SPRING)),
    (rb"io\.micronaut\.", lambda code: annotated.read(code, annotated.MICRONAUT)),
    (rb"\b(javax|jakarta)\.ws\.rs\b", lambda code: annotated.read(code, annotated.JAXRS)),
)
_READERS: dict[str, tuple[tuple[bytes, Reader], ...]] = {
    "python": _PYTHON, "javascript": _NODE, "typescript": _NODE, "tsx": _NODE, "java": _JAVA, "kotlin": _JAVA,
    "go": ((rb"\b(gin-gonic|labstack|gofiber|go-chi|gorilla/mux|net/http)\b", grouped.read_go),),
    "csharp": (
        (rb"\[\s*(Route|Http\w+|ApiController)\b|:\s*Controller\b", lambda code: annotated.read(code, annotated.ASPNET)),
        (rb"\bMap(Get|Post|Put|Patch|Delete|Methods)\b", grouped.read_csharp),
    ),
    "ruby": ((rb"\b(resources?|get|post|namespace|root)\b", rails.read),),
    "php": ((rb"\bRoute::", laravel.read), (rb"#\[Route\(", lambda code: annotated.read(code, annotated.SYMFONY))),
}  # fmt: skip
"""Language → what must occur in a file before it is parsed, and who reads it then; the first that finds something wins."""


def routes(root: Path, *, within: str | None = None, told: Told = silent) -> Routes:
    """What the repository serves, as far as its text says it. Raises ``Refused``."""
    look = Look(root, within, told=told)
    sheets: list[Sheet] = []
    nest = ""
    files = 0
    for code in look.served():
        nest = nest or _global_prefix(code)
        if (sheet := sheet_of(code)) is not None:
            files += 1
            look.note(code)
            sheets.append(sheet)
    for sheet in sheets:
        if sheet.framework == "nestjs" and nest:
            sheet.prefixes = {name: f"{nest}/{prefix}" for name, prefix in sheet.prefixes.items()}
    django.expanded(sheets)
    annotated.spoken(sheets)
    return Routes(tuple(compose(sheets)), files, look.findings, look.left_out)


def sheet_of(code: Code) -> Sheet | None:
    """What a file says about routes."""
    for marks, read in _READERS.get(code.language.name, ()):
        if re.search(marks, code.data) and (sheet := read(code)) is not None and not sheet.empty:
            return sheet
    return None


def _global_prefix(code: Code) -> str:
    """The prefix that a NestJS app sets for all its controllers."""
    if b"setGlobalPrefix" not in code.data:
        return ""
    found = re.search(rb"\.setGlobalPrefix\(\s*['\"`]([^'\"`$]+)['\"`]", code.data)
    return found[1].decode() if found else ""
