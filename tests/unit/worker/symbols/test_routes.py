"""Routes: what a repository serves, read from its text, for each framework that is known."""

from pathlib import Path
from textwrap import dedent

import pytest

from backwright.worker.symbols.routes.collect import routes
from tests.support.trees import plant
from tests.unit.worker.symbols.route_samples import (
    DJANGO,
    EXPRESS,
    FASTAPI,
    FASTIFY,
    FLASK,
    KIT,
    KOA,
    LITESTAR,
    NEST,
    NEXT,
    STARLETTE,
)

SPRING = {
    "src/A.java": """
        package a;
        import org.springframework.web.bind.annotation.*;

        @RestController
        @RequestMapping("/api/books")
        public class Books {
            @GetMapping("/{id}")
            public Book one(@PathVariable Long id) { return null; }

            @PostMapping
            public Book add(@RequestBody Book b) { return b; }

            @RequestMapping(value = {"/x", "/y"}, method = RequestMethod.PUT)
            public void both() {}
        }
    """,
    "src/B.kt": """
        package a

        import org.springframework.web.bind.annotation.*

        @RestController
        @RequestMapping("/k")
        class Kotlins(val s: S) {
            @DeleteMapping("/{id}")
            fun gone(@PathVariable id: Long): Int {
                return 1
            }
        }
    """,
}
GIN = {
    "main.go": """
        package main

        import "github.com/gin-gonic/gin"

        func main() {
            r := gin.Default()
            r.GET("/ping", func(c *gin.Context) {})
            v1 := r.Group("/v1")
            {
                users := v1.Group("/users")
                users.POST("/:id", h.Create)
            }
        }
    """,
    "std/main.go": """
        package std

        import "net/http"

        func main() {
            mux := http.NewServeMux()
            mux.HandleFunc("GET /items/{id}", get)
            http.HandleFunc("/x", x)
        }
    """,
}
CHI = {
    "main.go": """
        package main

        import (
            "github.com/go-chi/chi/v5"
            "github.com/go-chi/chi/v5/middleware"
        )

        func below(r chi.Router) { r.Get("/", list) }

        func main() {
            r := chi.NewRouter()
            r.Route("/api", func(r chi.Router) {
                r.Group(func(r chi.Router) { r.Get("/tasks/{id}", one) })
            })
            r.Route("/notes", below)
            r.Mount("/admin", admin())
        }

        func admin() http.Handler {
            r := chi.NewRouter()
            r.Post("/wipe", wipe)
            return r
        }
    """,
}
ECHO = {
    "routes.go": """
        package routes

        import "github.com/labstack/echo/v4"

        func (h *Handler) Register(v1 *echo.Group) {
            users := v1.Group("/users")
            users.POST("", h.SignUp)
        }

        func Serve(e *echo.Echo) {
            e.Add("GET", "/added", h)
            e.Add(http.MethodPut, "/put", h)
        }
    """,
}
FIBER = {
    "routes.go": """
        package routes

        import "github.com/gofiber/fiber/v2"

        func people(r fiber.Router) { r.Delete("/people/:id<int>", gone) }

        func Setup(app *fiber.App) {
            v1 := app.Group("/api").Group("/v1", check)
            v1.Get("/rooms/:id", one)
            people(v1)
        }
    """,
}
MUX = {
    "main.go": """
        package main

        import (
            "github.com/gorilla/mux"
            chi "github.com/go-chi/chi/middleware"
        )

        func main() {
            r := mux.NewRouter()
            api := r.PathPrefix("/api").Subrouter()
            api.HandleFunc("/items/{id:[0-9]+}", item).Methods("GET", http.MethodPut)
            r.HandleFunc(place, hook)
        }
    """,
}
MICRONAUT = {
    "PetOperations.java": """
        import io.micronaut.http.annotation.*;

        public interface PetOperations<T extends Pet> {
            @Get("/{slug}")
            Publisher<T> find(String slug);
        }
    """,
    "PetClient.java": """
        import io.micronaut.http.annotation.*;

        @Client("/v1/pets")
        public interface PetClient extends PetOperations<Pet> {
            @Get("/other")
            Pet other();
        }
    """,
    "PetController.java": """
        import io.micronaut.http.annotation.Controller;

        @Controller("/pets")
        public class PetController implements PetOperations<PetEntity> {
            @Override
            public Single<PetEntity> find(String slug) { return null; }
        }
    """,
    "Shop.java": """
        import io.micronaut.http.annotation.*;

        @Controller("/")
        public class Shop {
            @Produces(MediaType.TEXT_HTML)
            @Get(uri = "/offers", produces = MediaType.TEXT_EVENT_STREAM)
            public Publisher<Event<Offer>> offers() { return null; }

            @Get("/search{?max,offset}")
            public int search() { return 1; }

            @Post
            public int add() { return 1; }
        }
    """,
}
JAXRS = {
    "Heroes.java": """
        import jakarta.ws.rs.*;

        @Path("/heroes")
        @Tag(name = "heroes")
        public class Heroes {
            @GET
            @Path("/{id}")
            @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Hero.class, required = true)))
            public Uni<Response> one(@PathParam("id") Long id) { return null; }

            @DELETE
            public Uni<Void> none() { return null; }
        }
    """,
}
SYMFONY = {
    "src/SignIn.php": """
        <?php
        use Symfony\\Component\\Routing\\Attribute\\Route;

        #[Route('/sign-in', methods: ['POST'])]
        final class SignIn
        {
            public function __construct(private Tokens $tokens) {}
            public function __invoke(Request $request): JsonResponse { return 1; }
        }
    """,
    "src/ThingController.php": """
        <?php
        use Symfony\\Component\\Routing\\Attribute\\Route;

        #[Route('/things')]
        class ThingController
        {
            #[Route('/{slug<[a-z]+>}', 'one', methods: 'GET')]
            #[OA\\Response(response: 200, content: new Model(type: Thing::class, groups: ['shown']))]
            public function one(string $slug): JsonResponse { return 1; }

            #[Route(path: '', name: 'add', methods: ['POST', 'PUT'])]
            public function add(): Response { return 1; }
        }
    """,
}
ASPNET = {
    "BooksController.cs": """
        [ApiController]
        [Route("api/[controller]")]
        public class BooksController : ControllerBase
        {
            [HttpGet("{id:int}")]
            public Book One(int id) => null;

            [HttpPost]
            public Book Add(Book b) { return b; }
        }
    """,
    "Areas/HomeController.cs": """
        [Area("Shop")]
        public class HomeController : Controller
        {
            public IActionResult Index() => View();

            [HttpPost]
            public async Task<IActionResult> Order(Form f) { return View(); }

            [HttpGet("/about")]
            public IActionResult About() => View();

            private IActionResult Back() => View();
            public int Count() => 1;
        }
    """,
    "PlainController.cs": "public class PlainController : Controller { public IActionResult Privacy() { return View(); } }",
    "Program.cs": """
        var app = builder.Build();
        app.MapGet("/ping", () => "pong");
        var g = app.MapGroup("/todos");
        g.MapPost("/{id}", Todos.Add).WithName("x");
    """,
}
RAILS = {
    "config/routes.rb": """
        Rails.application.routes.draw do
          root "home#index"
          get "/about", to: "pages#about"
          namespace :api do
            resources :stories, only: [:index, :show] do
              member { post :publish }
              resources :comments, only: :create
            end
          end
          resource :profile, only: [:show]
        end
    """,
}
LARAVEL = {
    "routes/api.php": """
        <?php
        use App\\Http\\Controllers\\UserController;
        Route::get('/users/{id}', [UserController::class, 'show']);
        Route::prefix('admin')->middleware('auth')->group(function () {
            Route::post('/x', 'AdminController@x');
            Route::apiResource('posts', PostController::class)->only(['index', 'destroy']);
        });
    """,
}
CASES: dict[str, tuple[dict[str, str], set[str]]] = {
    "fastapi": (FASTAPI, {
        "GET /health health", "GET /api/v1/users/{user_id} read", "GET /api/v1/users/ both", "POST /api/v1/users/ both",
        "WEBSOCKET /api/items/live Items/live", "DELETE /api/…/all wipe ?",
    }),
    "flask": (FLASK, {"GET /books/{book_id} one", "DELETE /books/{book_id} one", "POST /books/ add", "GET /ping ping"}),
    "starlette": (STARLETTE, {"GET / home", "GET /users/{name} user", "PUT /users/{name} user", "WEBSOCKET /users/ws chat"}),
    "litestar": (LITESTAR, {"GET /ping ping", "GET /v1/users/{user_id} Users/one", "POST /v1/users Users/add"}),
    "django": (DJANGO, {
        "GET /shop/{pk}/ detail", "PATCH /shop/{pk}/ detail", "GET /shop/list/ Orders", "POST /shop/list/ Orders", "GET /about/ About",
        "ANY /old/{year}/ old", "GET /api/books/ BookViewSet/list", "GET /api/books/{id}/ BookViewSet/retrieve",
        "POST /api/books/{id}/lend-out/ BookViewSet/lend",
    }),
    "kit": (KIT, {"GET /v1/books Book", "GET /v1/books/{id} Book", "POST /v1/place-order place_order",
        "POST /api/users/login log_in", "GET /api/tags Tag", "DELETE /api/tags/{id} Tag"}),
    "express": (EXPRESS, {
        "GET /health (inline)", "GET /api/users/{id} controller.read", "GET /api/users controller.list",
        "POST /api/users controller.create", "POST /auth/login login",
    }),
    "fastify": (FASTIFY, {"GET /users/ (inline)", "DELETE /users/{id} remove", "GET /x/{id} read", "HEAD /x/{id} read"}),
    "koa": (KOA, {"GET /v2/ping ping", "GET /users/bar (inline)"}),
    "nestjs": (NEST, {
        "GET /api/cats CatsController/findAll", "GET /api/cats/{id} CatsController/findOne", "POST /api/cats/bulk CatsController/create",
    }),
    "next": (NEXT, {"POST /api/users/{id} default", "GET /orders/{orderId} GET", "POST /orders/{orderId} POST"}),
    "spring": (SPRING, {
        "GET /api/books/{id} Books/one", "POST /api/books Books/add", "PUT /api/books/x Books/both", "PUT /api/books/y Books/both",
        "DELETE /k/{id} Kotlins/gone",
    }),
    "go": (GIN, {"GET /ping (inline)", "POST /v1/users/{id} h.Create", "GET /items/{id} get", "ANY /x x"}),
    "chi": (CHI, {"GET /api/tasks/{id} one", "GET /notes/ list", "POST /admin/wipe wipe"}),
    "echo": (ECHO, {"POST /users h.SignUp ?", "GET /added h", "PUT /put h"}),
    "fiber": (FIBER, {"GET /api/v1/rooms/{id} one", "DELETE /api/v1/people/{id} gone"}),
    "mux": (MUX, {"GET /api/items/{id} item", "PUT /api/items/{id} item", "ANY /… hook ?"}),
    "micronaut": (MICRONAUT, {
        "GET /offers Shop/offers", "GET /search Shop/search", "POST / Shop/add", "GET /pets/{slug} PetController/find",
    }),
    "jax-rs": (JAXRS, {"GET /heroes/{id} Heroes/one", "DELETE /heroes Heroes/none"}),
    "symfony": (SYMFONY, {
        "POST /sign-in SignIn", "GET /things/{slug} ThingController/one", "POST /things ThingController/add",
        "PUT /things ThingController/add",
    }),
    "aspnet": (ASPNET, {
        "GET /api/Books/{id} BooksController/One", "POST /api/Books BooksController/Add", "GET /ping (inline)",
        "POST /todos/{id} Todos.Add", "ANY /Shop/Home/Index HomeController/Index", "POST /Shop/Home/Order HomeController/Order",
        "GET /about HomeController/About", "ANY /Plain/Privacy PlainController/Privacy",
    }),
    "rails": (RAILS, {
        "GET / home#index", "GET /about pages#about", "GET /api/stories api/stories#index", "GET /api/stories/{id} api/stories#show",
        "POST /api/stories/{id}/publish api/stories#publish", "POST /api/stories/{story_id}/comments api/comments#create",
        "GET /profile profiles#show",
    }),
    "laravel": (LARAVEL, {
        "GET /api/users/{id} UserController/show", "POST /api/admin/x AdminController/x", "GET /api/admin/posts PostController/index",
        "DELETE /api/admin/posts/{post} PostController/destroy",
    }),
}  # fmt: skip


def served(root: Path) -> set[str]:
    """The routes as lines; a question mark where one is not known to be whole."""
    return {f"{r.method} {r.path} {r.handler}{'' if r.complete else ' ?'}" for r in routes(root).routes}


@pytest.mark.parametrize("framework", CASES)
def test_the_routes_of_a_framework(framework: str, tmp_path: Path) -> None:
    """Method, whole path and handler of every route, across files; calls that only look like routes are none."""
    files, expected = CASES[framework]
    plant(tmp_path, {name: dedent(text).lstrip() for name, text in files.items()})

    assert served(tmp_path) == expected
