"""The words and situations that bring the backend worker in, in English, German and Spanish, and what speaks against it. Pure.

A *word* of the protocol counts by itself where it has one meaning (``backend``), and only beside other technical words where everyday
language has it too (``service``, ``queue``). Each line below is a name and the expressions that stand for it, divided by bars.
"""

import re

Patterns = dict[str, re.Pattern[str]]


def _patterns(text: str) -> Patterns:
    lines = re.sub(r"\n {4}", " ", text.strip()).splitlines()
    named = (line.split(": ", 1) for line in lines)
    return {name: _any(said.split(" | ")) for name, said in named}


def _any(parts: list[str]) -> re.Pattern[str]:
    return re.compile(r"(?<![\w-])(?:" + "|".join(parts) + r")(?!\w)", re.IGNORECASE)


CLEAR: Patterns = _patterns(r"""
backend: back-?ends? | back end(?: side)?
server: server[- ]side | (?:the|our|web|api) server | servers? (?:code|error|process) | auf dem server | der server | servidor(?:es)?
API implementation: (?:rest|http|json|public|web|graphql)[ -]?apis? | apis? | api[- ]\w+ | endpoints? | endpunkte?n? | graphql | grpc |
    protobuf | openapi(?:-\w+)? | resolvers? | rest-schnittstelle\w* | (?:get|post|put|patch|delete) /\S+ |
    (?:get|post|put|patch) requests? | crud | request bod(?:y|ies)
business logic: business (?:logic|rules?) | geschäftslogik | geschäftsregeln? | lógica de negocio | reglas de negocio
authentication: authentication | autenticación | authentifizierung | oauth2? | jwts? | openid | (?:access|bearer|refresh) tokens? |
    (?:multi|two)-factor | password hash\w* | log-?in request
authorization: role-based | access control | autorización | autorisierung | authorization (?:check|rule|header|layer)s? |
    berechtigungen? | rbac
middleware: middlewares?(?! of our (?:organisation|organization|company))
WebSocket: web-?sockets? | server-sent events? | socket\.io | over sockets
background job: background (?:jobs?|tasks?|workers?)(?! title) | hintergrund-?(?:jobs?|aufgaben?|prozess\w*) | segundo plano |
    cron ?jobs? | schedulers? | asynchronously
queue: (?:message|job|task|work|dead letter) queues? | nachrichtenwarteschlange\w* | cola de mensajes | kafka | rabbitmq | nats |
    celery | sidekiq
microservice: micro-?services? | microservicios?
service: service layers? | services? classes | capa de servicio | serviceschicht
integration: webhooks? | stripe | paypal | salesforce | soap interface
processing: idempoten\w+ | atomic(?:ally)? | transactional(?:ly)? | optimistic locking | rate limit\w* |
    migrations?(?= (?:files?|scripts?))
workflow: state machines? | sagas? (?:that|which|pattern|with)
database: database (?:tables?|schema|migrations?|quer(?:y|ies)) | databases? | datenbank\w* | bases? de datos | postgres(?:ql)? |
    mysql | sqlite | redis | connection pool | sql | data (?:access )?layers? | soft[- ]delet\w+
framework: express(?: app|\.js) | fastapi | django | flask | nest\.?js | spring boot | laravel | rails | gin gonic | asp\.net |
    symfony | node\.js | litestar | starlette
""")
"""Protocol word (or what stands for it) → what says it beyond doubt."""

VAGUE: Patterns = _patterns(r"""
server: servers?
service: services? | \w*dienste? | servicios?
queue: queues? | warteschlangen? | colas?
integration: integrat\w+ | connect\w* | sync\w* | verbind\w+ | conect\w+ | adapters? | integrier\w+
workflow: workflows? | ablauf | abläufe | flujos? de trabajo
processing: process(?:ed|es|ing)? | verarbeit\w+ | procesa\w* | comput\w+ | berechne\w* | validat\w+ | valida\w* | validier\w+
real-time: real[- ]time | live | echtzeit | tiempo real | push(?:es)? notifications? | stream\w*
authentication: (?:sign|log)s?(?:ged)?[- ]?in | log-?in | passwords? | authenticat\w+ | anmeld\w+ | passw[oö]rt\w* | inicia\w* sesión |
    contraseñas? | sessions?
authorization: authoriz\w+ | permissions? | permisos | only (?:\w+ ){0,3}(?:may|can) | roles? | rollen | nur \w+ dürfen |
    solo \w+(?: \w+)? pueden | may only see | tenants?
background job: jobs? | tasks? | every (?:night|hour|day|minute|week) | jede nacht | cada noche | nightly | scheduled?
API implementation: routes? | controllers? | schnittstellen? | operations?
""")
"""Protocol word → what may say it, where other words make it technical."""

TECHNICAL = _patterns(r"""
trade: requests? | respon[sd]\w* | tokens? | users? | usuarios? | benutzer\w* | customers?(?= order) | kunden\w* | clientes? |
    records? | tables?(?= of) | data(?:base)? | datos | daten | entit(?:y|ies) | events?(?= (?:for|of|to|gateway)) | clients? |
    retr(?:y|ies) | timeouts? | e-?mails? | uploads? | files? | csv | orders? | invoices? | payments? | refunds? | accounts? | admins? |
    administrator\w* | administrador\w* | apps? | modules? | deploy\w* | test(?:s|ed)? | code | load | crash\w* | 500 | 401 | 403 |
    404 | browsers? | consumer\w* | bestell\w+ | pedidos? | facturas? | rechnung\w* | replicas? | metrics | tracing | cache\w* |
    health check | shutdown | log(?:s|ging) | implement\w* | refactor\w* | backup\w* | concurren\w+ | hour | google | permissions? |
    chat
""")["trade"]
"""Words of the trade: beside a vague word, one of them settles it."""

PLAIN: Patterns = _patterns(r"""
validation or errors: valid\w+ (?:the )?(?:input|token|data|request)\w* | problem details | without a valid token | 40[0-9]|50[0-3]
persistence: persist\w* | stored? (?:the |all )?\w+ in | replicas? | read(?:ing)? and writ(?:e|ing) | roll(?:s|ed)? back |
    lege eine migration
concurrency: at the same time | concurrent\w* | race conditions? | two (?:people|users|customers|accounts?) .{0,40}(?:at once|same)
rules of a business: (?:orders?|invoices?|stock|status)\b.{0,60}\b(?:may|must|when|needs?|becomes?|only|fails?|paid) |
    (?:payments?|refunds?|points?|discount\w*)\b.{0,60}\b(?:may|must|when|needs?|becomes?|only|fails?|paid) |
    audit log | loyalty points when | (?:may|must) only
work done later: in batches of | every (?:night|hour|day|minute|week) | when (?:the|a) job | recurring | polling
encryption: at rest | encrypt \w+ (?:numbers|data|secrets|columns|fields) | argon2 | bcrypt
""")
"""Everyday sentences that describe work of a backend without naming it."""

AGAINST: Patterns = _patterns(r"""
looks only: front[- ]?end animations? | animations? | css | stylesheets? | fonts? | logos? | colou?rs? | dark mode | hover | icons? |
    wording | headings? | layout | figma | storyboard | landing page | hintergrundfarbe | color de fondo | alignment | footer |
    about page | align\w* | blurred
food and guests: restaurants? | waiters? | kellner\w* | camarero | food | table for \w+ | hotels? | bakery | bäckerei | recipe\w* |
    receta | dishes | cook\w* | bake | vitamins? | coffee | soup | calories | dough
everyday service: church service | room service | customer service | services? at the next | motorway | good service |
    military service | self-service | secret service
everyday queue: (?:stand|stood|waiting|wait) in | queue (?:at|in front of|outside|for) the | cinema | warteschlange vor | airport
sport and play: tennis | strategy game | volleyball | concert | chess
people and paper: poems? | gedicht\w* | poema | essay | aufsatz | cover letter | thesis | wedding | birthday | landlord | rent | judge |
    painting | doctor | grief | immigrants | newspaper | photos?(?! uploads) | fotos? | museum | parcel | hotline | urlaub | fiesta |
    vecinos | amt | rechtschreibung | office chairs | playlist | video | printer | proofread
""")
"""What the sentence is about when it is not about a backend."""

UNTOUCHED = re.compile(
    r"\b(?:no|without(?: any)?|not|don't touch the|do not touch the|leave the|ohne|sin)\s+(?:\w+\s+){0,2}?(?:backend|server|api)\b"
    r"|\b(?:backend|server|api)\b[^.;]{0,20}\b(?:stays?|remains?|bleibt|unchanged|untouched|no cambia)\b",
    re.IGNORECASE,
)
"""The backend is named to be left alone."""

SITUATIONS: Patterns = _patterns(r"""
server-side implementation: back-?ends? | back end | server[- ]side | servers? | servidor | apis? | endpoints? | endpunkte?n? | crud |
    graphql | grpc | routes? | requests? | rest-schnittstelle | databases? | datenbank\w* | openapi(?:-\w+)?
business logic: business (?:logic|rules?) | geschäftslogik | lógica de negocio | workflows? | sagas? | discounts? | invoices? |
    loyalty | status | atomic\w* | idempoten\w+
authentication and authorization: auth\w* | autenticación | autorización | oauth2? | jwts? | (?:sign|log)s?[- ]?in | log-?in |
    passwords? | anmeld\w+ | roles? | rollen | permiso\w* | only (?:\w+ ){0,2}may | nur \w+ dürfen | tokens? | tenants? |
    access control | inicia\w* sesión | solo \w+(?: \w+)? pueden | passwort
real-time features: web-?sockets? | real[- ]time | live | echtzeit | tiempo real | server-sent events? | push notifications? | sockets |
    stream\w* | polling
background jobs and tasks: background (?:jobs?|tasks?) | jobs? | cron | queues? | schedul\w+ | asynchronously | hintergrundjobs? |
    segundo plano | cola | kafka | rabbitmq | every (?:night|hour|day|minute) | in batches | workers?
middleware and service layers: middlewares? | service layers? | micro-?services? | microservicios? | capa de servicio | filters? |
    guards? | rate limit\w* | repositories
""")
"""The six situations of the protocol."""
