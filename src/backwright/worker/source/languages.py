"""Which language a file is written in, by its name."""

EXTENSIONS = {
    "py": "Python", "pyi": "Python", "pyw": "Python",
    "js": "JavaScript", "mjs": "JavaScript", "cjs": "JavaScript", "jsx": "JavaScript",
    "ts": "TypeScript", "mts": "TypeScript", "cts": "TypeScript", "tsx": "TypeScript",
    "java": "Java", "kt": "Kotlin", "kts": "Kotlin", "groovy": "Groovy", "gradle": "Groovy", "scala": "Scala", "clj": "Clojure",
    "go": "Go", "cs": "C#", "fs": "F#", "vb": "Visual Basic", "cshtml": "Razor", "razor": "Razor",
    "rb": "Ruby", "rake": "Ruby", "ru": "Ruby", "erb": "ERB", "php": "PHP", "rs": "Rust", "swift": "Swift", "dart": "Dart",
    "ex": "Elixir", "exs": "Elixir", "erl": "Erlang", "hs": "Haskell", "lua": "Lua", "pl": "Perl", "r": "R",
    "c": "C", "h": "C", "cc": "C++", "cpp": "C++", "cxx": "C++", "hpp": "C++", "hh": "C++",
    "sh": "Shell", "bash": "Shell", "ps1": "PowerShell", "sql": "SQL", "graphql": "GraphQL", "gql": "GraphQL", "graphqls": "GraphQL",
    "proto": "Protocol Buffers", "html": "HTML", "htm": "HTML", "css": "CSS", "scss": "SCSS", "less": "Less",
    "vue": "Vue", "svelte": "Svelte", "tf": "HCL", "prisma": "Prisma",
}  # fmt: skip
"""Programming, query and mark-up languages. Data and prose (JSON, YAML, Markdown, lock files) are no source and not listed."""

NAMES = {
    "Rakefile": "Ruby", "Gemfile": "Ruby", "Capfile": "Ruby", "config.ru": "Ruby", "Jenkinsfile": "Groovy", "artisan": "PHP",
    "Makefile": "Make", "Dockerfile": "Dockerfile", "Containerfile": "Dockerfile",
}  # fmt: skip


def language(path: str) -> str | None:
    """The language of the file, or None for data, prose and what is not known."""
    name = path.rpartition("/")[2]
    if name in NAMES:
        return NAMES[name]
    stem, dot, extension = name.rpartition(".")
    if stem == "Dockerfile" or (stem and extension == "Dockerfile"):
        return "Dockerfile"
    if name.endswith(".blade.php"):
        return "Blade"
    return EXTENSIONS.get(extension.lower()) if dot and stem else None
