"""The database for commands: how it is named, reached, and how its errors are told."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.cli.errors import MISUSED, CommandFailed
from zimgpt.config import ConfigError, load_database_url, load_operators_key


def add_options(parser: argparse.ArgumentParser) -> None:
    """Lets a command be told where the database is."""
    parser.add_argument(
        "--config", metavar="FILE", help="the TOML file that the server is started with"
    )
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="where PostgreSQL is, instead of ZIMGPT_DATABASE_URL or the file's word",
    )
    parser.add_argument(
        "--database-url-file", metavar="FILE", help="a file that holds that URL"
    )


def url(arguments: argparse.Namespace) -> str:
    """Where the database is; fails if that is not known."""
    options = {
        "config": arguments.config,
        "database-url": arguments.database_url,
        "database-url-file": arguments.database_url_file,
    }
    try:
        return load_database_url(environ=os.environ, options=options)
    except ConfigError as error:
        raise CommandFailed(str(error), MISUSED) from None


def operators_key(arguments: argparse.Namespace) -> str:
    """What seals operators' secrets; fails if that is not configured."""
    options = {"config": arguments.config}
    try:
        return load_operators_key(environ=os.environ, options=options)
    except ConfigError as error:
        raise CommandFailed(str(error), MISUSED) from None


@contextmanager
def explained() -> Iterator[None]:
    """Turns what PostgreSQL says into the sentence that the operator reads."""
    try:
        yield
    except psycopg2.errors.UndefinedTable:
        raise CommandFailed(
            "the database has not been prepared; run `python -m zimgpt migrate` first"
        ) from None
    except psycopg2.Error as error:
        said = " ".join(str(error).split())
        raise CommandFailed(f"the database refused: {said}") from None


@contextmanager
def connected(arguments: argparse.Namespace) -> Iterator[Connection]:
    """A transaction: committed at the end of the block, rolled back if it raises."""
    where = url(arguments)
    with explained():
        connection = psycopg2.connect(where)
        try:
            with connection:
                yield connection
        finally:
            connection.close()
