"""The survey of repositories in Ruby and PHP."""

from pathlib import Path

import pytest

from backwright.worker.survey.surveyor import survey_repository
from tests.support.repositories import repository


def test_rails(tmp_path: Path) -> None:
    """Gemfile and lock; groups for development; what Rails brings is listed where it is used; a model of vendors is business."""
    found = survey_repository(
        repository(
            tmp_path,
            """\
            === Gemfile
            source "https://rubygems.org"
            # gem "sinatra"
            gem "rails", "~> 7.1.3"
            gem "pg"
            gem "sidekiq", "~> 7.0"
            group :development, :test do
              gem "rspec-rails"
              gem "sinatra"
            end
            === Gemfile.lock
            GEM
              specs:
                rails (7.1.3.2)
                pg (1.5.6)
                sidekiq (7.2.4)
                  rails (>= 6)
            === config/application.rb
            require_relative "boot"
            require "rails/all"
            module Shop
              class Application < Rails::Application
              end
            end
            === config/database.yml
            default:
              adapter: postgresql
            === app/models/vendor/offer.rb
            class Vendor::Offer < ApplicationRecord
            end
            === app/jobs/mail_job.rb
            class MailJob
              include Sidekiq::Job
            end
            === app/controllers/offers_controller.rb
            class OffersController < ApplicationController
            end
            === db/migrate/20240101000000_create_offers.rb
            class CreateOffers < ActiveRecord::Migration[7.1]
            end
            """,
        )
    )

    [service] = found.services
    assert [(f.name, f.version, f.range) for f in service.frameworks] == [("Rails", "7.1.3.2", "~> 7.1.3")]
    by_name = {t.name: t for t in service.technologies}
    assert by_name["Sidekiq"].used and by_name["Sidekiq"].version == "7.2.4"
    assert by_name["Active Record"].used and by_name["RSpec Rails"].development and not by_name["pg"].used
    assert service.commands[-1].text == "bin/rails server"
    assert {e.target for e in found.graph.edges} == {"postgresql", "redis"}
    assert [m.name for m in found.migrations] == ["Active Record migrations"]


def test_sinatra(tmp_path: Path) -> None:
    """A script that requires Sinatra is a service."""
    text = "=== Gemfile\ngem 'sinatra', '3.2.0'\n=== app.rb\nrequire 'sinatra'\nget('/') { 'hello' }\n"
    found = survey_repository(repository(tmp_path, text))

    assert [(f.name, f.version) for f in found.frameworks] == [("Sinatra", "3.2.0")]
    assert found.services[0].commands[0].text == "ruby app.rb"


def test_laravel(tmp_path: Path) -> None:
    """Platform packages are no libraries; queues, validation and Eloquent of the framework are listed where they are used."""
    found = survey_repository(
        repository(
            tmp_path,
            r"""
            === composer.json
            {"name": "acme/shop", "require": {"php": "^8.2", "ext-pdo": "*", "laravel/framework": "^11.0"},
             "require-dev": {"symfony/framework-bundle": "^7.0", "phpunit/phpunit": "^11.0"}}
            === composer.lock
            {"packages": [{"name": "laravel/framework", "version": "v11.4.0"}], "packages-dev": []}
            === artisan
            === public/index.php
            <?php
            === .env.example
            DB_CONNECTION=mysql
            # MAIL_URL=smtp://mail
            === app/Models/User.php
            <?php
            namespace App\Models;
            use Illuminate\Database\Eloquent\Model;
            class User extends Model { use HasFactory; }
            === app/Jobs/Send.php
            <?php
            namespace App\Jobs;
            use Illuminate\Contracts\Queue\ShouldQueue;
            class Send implements ShouldQueue {}
            === database/migrations/2024_01_01_000000_create_users.php
            <?php
            use Illuminate\Database\Migrations\Migration;
            """,
        )
    )

    [service] = found.services
    assert [(f.name, f.version) for f in service.frameworks] == [("Laravel", "11.4.0")]
    assert {t.name for t in service.technologies} == {"Eloquent", "Laravel queues", "Laravel migrations", "PHPUnit"}
    assert service.commands[0].text == "php artisan serve"
    assert {e.target for e in found.graph.edges} == {"mysql"}


def test_symfony(tmp_path: Path) -> None:
    """The framework bundle, its kernel and its console."""
    text = r"""
        === composer.json
        {"require": {"symfony/framework-bundle": "7.0.*", "doctrine/orm": "^3.0"}}
        === bin/console
        === src/Kernel.php
        <?php
        use Symfony\Component\HttpKernel\Kernel as BaseKernel;
        class Kernel extends BaseKernel {}
        """
    found = survey_repository(repository(tmp_path, text))

    assert [(f.name, f.range) for f in found.frameworks] == [("Symfony", "7.0.*")]
    assert found.services[0].commands[0].text == "symfony serve"


@pytest.mark.parametrize(
    "text",
    [
        "=== Gemfile\ngem 'rails', group: :test\n=== spec/dummy/config/application.rb\nclass A < Rails::Application\nend\n",
        "=== Gemfile\ngem 'sinatra'\n=== a.rb\n=begin\nrequire 'sinatra'\n=end\n# require 'sinatra'\n",
        "=== my.gemspec\nSpecification.new do |s|\n  s.add_dependency 'rails'\nend\n=== lib/my.rb\nclass E < Rails::Engine\nend\n",
        '=== composer.json\n{"require": {"php": "^8.0"}}\n=== a.php\n<?php\n// use Illuminate\\Support\\Str;\n# Application::configure()\n',
        '=== composer.json\n{"require": {"laravel/framework": "^11"}}\n=== src/a.php\n<?php\nuse Illuminate\\Support\\Str;\n',
        "=== composer.json\n{}\n=== vendor/laravel/framework/src/a.php\n<?php\nuse Illuminate\\Foundation\\Application;\n=== artisan\n",
    ],
)
def test_false_friends(text: str, tmp_path: Path) -> None:
    """In a test's group, in comments, an engine, a library, vendored."""
    assert survey_repository(repository(tmp_path, text)).services == ()


@pytest.mark.parametrize(
    ("page", "command"), [("index.php", "php -S localhost:8000"), ("public/index.php", "php -S localhost:8000 -t public")]
)
def test_php_without_a_framework(page: str, command: str, tmp_path: Path) -> None:
    """A package with an entry page at its root or in ``public`` is a service on no framework; a library without one is none."""
    text = '=== composer.json\n{"name": "a/b", "require": {"guzzlehttp/guzzle": "^7"}}\n=== src/A.php\n<?php\nuse GuzzleHttp\\Client;\n'

    assert not survey_repository(repository(tmp_path / "1", text)).services
    [service] = survey_repository(repository(tmp_path / "2", text + f"=== {page}\n<?php\necho 1;\n")).services
    assert (service.kind, service.frameworks, [c.text for c in service.commands]) == ("web", (), [command])
