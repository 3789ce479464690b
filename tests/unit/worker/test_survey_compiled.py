"""The survey of repositories in Java, Kotlin, Go and C#."""

from pathlib import Path

import pytest

from backwright.worker.survey.repository import Service
from backwright.worker.survey.surveyor import survey_repository
from tests.support.repositories import repository


def frameworks(service: Service) -> list[tuple[str, str]]:
    return [(f.name, f.version) for f in service.frameworks]


MAVEN = """\
=== pom.xml
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <groupId>com.shop</groupId><artifactId>parent</artifactId><version>1</version><packaging>pom</packaging>
  <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>3.2.5</version></parent>
  <properties><jjwt.version>0.12.5</jjwt.version></properties>
  <modules><module>orders</module><module>common</module></modules>
  <dependencyManagement><dependencies>
    <dependency><groupId>io.jsonwebtoken</groupId><artifactId>jjwt-api</artifactId><version>${jjwt.version}</version></dependency>
  </dependencies></dependencyManagement>
</project>
=== orders/pom.xml
<project>
  <parent><groupId>com.shop</groupId><artifactId>parent</artifactId><version>1</version></parent>
  <artifactId>orders</artifactId>
  <dependencies>
    <!-- <dependency><groupId>io.quarkus</groupId><artifactId>quarkus-rest</artifactId></dependency> -->
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-quartz</artifactId></dependency>
    <dependency><groupId>io.jsonwebtoken</groupId><artifactId>jjwt-api</artifactId></dependency>
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-test</artifactId><scope>test</scope></dependency>
  </dependencies>
</project>
=== orders/src/main/java/com/shop/orders/Application.java
package com.shop.orders;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
@SpringBootApplication
public class Application {
  public static void main(String[] args) { SpringApplication.run(Application.class, args); }
}
=== orders/src/main/java/com/shop/orders/vendor/VendorController.java
package com.shop.orders.vendor;
import jakarta.validation.Valid;
public class VendorController {}
=== orders/src/main/resources/application.yml
spring:
  datasource:
    url: jdbc:postgresql://db:5432/orders
=== orders/src/main/resources/db/migration/V1__init.sql
create table orders (id int);
=== common/pom.xml
<project>
  <parent><groupId>com.shop</groupId><artifactId>parent</artifactId><version>1</version></parent>
  <artifactId>common</artifactId>
  <dependencies>
    <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>
  </dependencies>
</project>
=== common/src/main/java/com/shop/common/Filter.java
package com.shop.common;
import org.springframework.stereotype.Component;
"""


def test_spring_boot_with_maven_modules(tmp_path: Path) -> None:
    """The version comes from the outside parent through the one in the repository; a module without a main class is a library."""
    found = survey_repository(repository(tmp_path, MAVEN))

    [service] = found.services
    assert (service.name, frameworks(service)) == ("orders", [("Spring Boot", "3.2.5")])
    assert [c.text for c in service.commands] == ["mvn -pl orders spring-boot:run"]
    by_name = {t.name: t for t in service.technologies}
    assert (by_name["JJWT"].version, by_name["Quartz"].version, by_name["Quartz"].used) == ("0.12.5", "3.2.5", ())
    assert by_name["Spring Boot test"].development
    assert {p.name: p.role for p in found.packages} == {"parent": "workspace", "orders": "service", "common": "library"}
    assert [(m.name, m.path) for m in found.migrations] == [("Flyway", "orders/src/main/resources/db/migration")]
    assert {e.target for e in found.graph.edges} == {"postgresql"}
    assert [(p.name, p.evidence[0].file.rpartition("/")[2]) for p in found.patterns] == [("controllers", "VendorController.java")]


def test_gradle_with_kotlin_dsl_and_a_catalogue(tmp_path: Path) -> None:
    """Aliases of the version catalogue are resolved, bundles too; the plugin gives the version of what it manages."""
    found = survey_repository(
        repository(
            tmp_path,
            """\
            === settings.gradle.kts
            rootProject.name = "shop"
            include(":api", ":worker")
            === gradle/libs.versions.toml
            [versions]
            boot = "3.3.0"
            micronaut = "4.4.2"
            [libraries]
            web = { module = "org.springframework.boot:spring-boot-starter-web" }
            pg = "org.postgresql:postgresql:42.7.3"
            mn-http = { group = "io.micronaut", name = "micronaut-http-server-netty", version.ref = "micronaut" }
            [bundles]
            data = ["pg"]
            [plugins]
            spring-boot = { id = "org.springframework.boot", version.ref = "boot" }
            === api/build.gradle.kts
            plugins {
                alias(libs.plugins.spring.boot)
                kotlin("jvm") version "2.0.0"
            }
            dependencies {
                // implementation("io.quarkus:quarkus-rest:3.0.0")
                implementation(libs.web)
                implementation(libs.bundles.data)
                testImplementation("org.junit.jupiter:junit-jupiter:5.10.2")
            }
            === api/src/main/kotlin/Main.kt
            import org.springframework.boot.autoconfigure.SpringBootApplication
            import org.springframework.boot.runApplication
            @SpringBootApplication
            class Api
            fun main() { runApplication<Api>() }
            === worker/build.gradle.kts
            dependencies { implementation(libs.mn.http) }
            === worker/src/main/kotlin/Main.kt
            import io.micronaut.runtime.Micronaut
            fun main(args: Array<String>) { Micronaut.run(*args) }
            """,
        )
    )

    api, worker = found.services
    assert (frameworks(api), frameworks(worker)) == ([("Spring Boot", "3.3.0")], [("Micronaut", "4.4.2")])
    assert {t.name: t.version for t in api.technologies} == {"PostgreSQL JDBC": "42.7.3", "JUnit 5": "5.10.2"}
    assert [c.text for s in found.services for c in s.commands] == ["gradle :api:bootRun", "gradle :worker:run"]


def test_gradle_in_groovy_with_ext_and_properties(tmp_path: Path) -> None:
    """Versions from ``ext``, ``gradle.properties`` and ``plugins``; what the root says for all projects holds in each."""
    found = survey_repository(
        repository(
            tmp_path,
            """\
            === settings.gradle
            include 'app'
            === gradle.properties
            quarkusVersion=3.9.4
            === build.gradle
            ext { junitVersion = '5.9.0' }
            subprojects {
                apply plugin: 'java'
                dependencies { testImplementation "org.junit.jupiter:junit-jupiter:${junitVersion}" }
            }
            === app/build.gradle
            plugins { id 'io.quarkus' version '3.9.4' }
            dependencies {
                implementation enforcedPlatform("io.quarkus.platform:quarkus-bom:${quarkusVersion}")
                implementation 'io.quarkus:quarkus-rest'
                implementation group: 'org.postgresql', name: 'postgresql', version: '42.1.0'
            }
            === app/src/main/java/Books.java
            import jakarta.ws.rs.Path;
            @Path("/books")
            public class Books {}
            """,
        )
    )

    [service] = found.services
    assert frameworks(service) == [("Quarkus", "3.9.4")]
    assert {t.name: t.version for t in service.technologies} == {"PostgreSQL JDBC": "42.1.0", "JUnit 5": "5.9.0"}


GO = """\
=== go.mod
module github.com/acme/shop

go 1.22

require (
	github.com/gin-gonic/gin v1.9.1
	github.com/hibiken/asynq v0.24.1
	github.com/labstack/echo/v4 v4.11.0 // indirect
	github.com/lib/pq v1.10.9 // echo is not used
)

replace github.com/lib/pq => github.com/acme/pq v1.10.10
=== cmd/api/main.go
package main

import (
	"net/http"

	"github.com/acme/shop/internal/server"
)

func main() { http.ListenAndServe(":80", server.New()) }
=== cmd/worker/main.go
package main

import "github.com/hibiken/asynq"

func main() { asynq.NewServer(asynq.RedisClientOpt{}, asynq.Config{}).Run(nil) }
=== cmd/tool/main.go
package main

import "fmt"

// http.ListenAndServe(":80", nil)
func main() { fmt.Println(`http.ListenAndServe(":80", nil)`) }
=== internal/server/server.go
package server

import (
	"github.com/gin-gonic/gin"
	_ "github.com/lib/pq"
)

func New() *gin.Engine { return gin.Default() }
=== internal/users/repository.go
package users

type UserRepository struct{}
"""


def test_go_programs_of_one_module(tmp_path: Path) -> None:
    """Each main is a service if it serves or works, with the libraries that it reaches; a tool is none; ``replace`` gives the version."""
    found = survey_repository(repository(tmp_path, GO))

    api, worker = found.services
    assert (api.name, frameworks(api), api.kind) == ("api", [("Gin", "v1.9.1")], "web")
    assert {t.name: t.version for t in api.technologies} == {"lib/pq": "v1.10.10"}
    assert (worker.name, worker.kind, [t.name for t in worker.technologies]) == ("worker", "worker", ["asynq"])
    assert [c.text for s in found.services for c in s.commands] == ["go run ./cmd/api", "go run ./cmd/worker"]
    assert {(e.source, e.target) for e in found.graph.edges} == {
        ("service_cmd_api_api", "postgresql"), ("service_cmd_worker_worker", "redis"),
    }  # fmt: skip
    assert [(p.name, p.count) for p in found.patterns] == [("repository", 1)]


def test_the_standard_library_of_go(tmp_path: Path) -> None:
    """``net/http`` is a framework where it serves; a client of it is none."""
    head = '=== go.mod\nmodule a.b/c\n=== main.go\npackage main\nimport "net/http"\n'
    server, client = head + 'func main() { http.ListenAndServe(":1", nil) }\n', head + 'func main() { http.Get("http://x") }\n'

    assert [f.name for f in survey_repository(repository(tmp_path / "1", server)).frameworks] == ["net/http"]
    assert survey_repository(repository(tmp_path / "2", client)).services == ()


@pytest.mark.parametrize(
    "text",
    [
        "=== go.mod\nmodule a.b/c\nrequire github.com/gin-gonic/gin v1.9.1 // indirect\n=== main.go\npackage main\nfunc main() {}\n",
        '=== go.mod\nmodule a.b/c\nrequire github.com/gin-gonic/gin v1.9.1\n=== c.go\npackage c\n// import "github.com/gin-gonic/gin"\n',
        "=== go.mod\nmodule a.b/c\n=== vendor/github.com/gin-gonic/gin/gin.go\npackage gin\nfunc main() { gin.New() }\n",
        "=== go.mod\nmodule a.b/c\n=== main_test.go\npackage main\nimport \"github.com/gin-gonic/gin\"\nfunc main() { gin.New() }\n",
    ],
)  # fmt: skip
def test_false_friends_of_go(text: str, tmp_path: Path) -> None:
    """Needed by others, in a comment, vendored, in a test."""
    assert survey_repository(repository(tmp_path, text)).services == ()


DOTNET = """\
=== Shop.sln
=== Directory.Packages.props
<Project><ItemGroup>
  <PackageVersion Include="Hangfire.AspNetCore" Version="1.8.12" />
  <PackageVersion Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="8.0.2" />
</ItemGroup></Project>
=== src/Api/Api.csproj
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Hangfire.AspNetCore" />
    <PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" />
    <PackageReference Include="MediatR" Version="12.2.0" />
    <!-- <PackageReference Include="Dapper" Version="2.0.0" /> -->
  </ItemGroup>
</Project>
=== src/Api/Program.cs
using Hangfire;
var builder = WebApplication.CreateBuilder(args);
builder.Build().Run();
=== src/Api/bin/Debug/Old.cs
using Dapper;
=== src/Api/Orders/PlaceOrder.cs
using MediatR;
namespace Api.Orders;
public sealed class PlaceOrderCommandHandler : IRequestHandler<PlaceOrder> {}
=== src/Domain/Domain.csproj
<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>
=== src/Domain/IOrderRepository.cs
public interface IOrderRepository {}
=== tests/Api.Tests/Api.Tests.csproj
<Project Sdk="Microsoft.NET.Sdk.Web">
  <ItemGroup><PackageReference Include="Microsoft.NET.Test.Sdk" Version="17.9.0" /></ItemGroup>
</Project>
=== tests/Api.Tests/Host.cs
var builder = WebApplication.CreateBuilder();
"""


def test_aspnet_core_with_central_versions(tmp_path: Path) -> None:
    """The SDK and what builds the app show ASP.NET Core; versions are central; test projects and build output make no service."""
    found = survey_repository(repository(tmp_path, DOTNET))

    [service] = found.services
    assert (service.name, [(f.name, f.range) for f in service.frameworks]) == ("Api", [("ASP.NET Core", "net8.0")])
    assert {t.name: (t.version, bool(t.used)) for t in service.technologies} == {
        "Hangfire": ("1.8.12", True), "EF Core PostgreSQL": ("8.0.2", False), "MediatR": ("12.2.0", True),
    }  # fmt: skip
    assert [c.text for c in service.commands] == ["dotnet run --project src/Api/Api.csproj"]
    assert {p.name for p in found.patterns} == {"CQRS", "repository"}
    assert {e.target for e in found.graph.edges} == {"postgresql"}


def test_a_library_for_aspnet_core_is_no_service(tmp_path: Path) -> None:
    """A project that only refers to the shared framework, and speaks of an app in a comment, is a library."""
    text = """\
        === Lib.csproj
        <Project Sdk="Microsoft.NET.Sdk"><ItemGroup><FrameworkReference Include="Microsoft.AspNetCore.App" /></ItemGroup></Project>
        === Filter.cs
        using Microsoft.AspNetCore.Mvc;
        // WebApplication.CreateBuilder(args)
        public class Filter {}
        """

    assert survey_repository(repository(tmp_path, text)).services == ()


def test_a_router_of_which_only_the_middleware_is_used(tmp_path: Path) -> None:
    """It is no framework of a program that another router serves."""
    text = (
        "=== go.mod\nmodule hooks\nrequire (\n\tgithub.com/go-chi/chi v4.0.2+incompatible\n\tgithub.com/gorilla/mux v1.7.3\n)\n"
        '=== main.go\npackage main\nimport (\n\t"github.com/go-chi/chi/middleware"\n\t"github.com/gorilla/mux"\n)\n'
        "func main() {\n\tr := mux.NewRouter()\n\tr.Use(middleware.Recoverer)\n}\n"
    )
    [service] = survey_repository(repository(tmp_path, text)).services

    assert frameworks(service) == [("Gorilla mux", "v1.7.3")]
