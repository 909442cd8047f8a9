"""The examples of the how-tos, taken from their pages and run as they stand there."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs.site import specs
from tests.system.harness import House, text_of
from tests.system.people import PASSWORD, Person, new_number
from tests.system.soundness import assert_sound

ROOT = Path(__file__).parents[2]
HOWTOS = ROOT / "docs" / "howto"
PATIENCE = 240  # seconds
ELSEWHERE = re.compile(
    r"\$(?!ZIMGPT|TOKEN|KEY\"|MODEL)[A-Z_]+|DELETE|/me/password|/sessions \\"
    r"|/(payments|vouchers|proofs)\b"
)
"""Commands that need what only other tests have: an id, a shop, WhatsApp, a number."""
USUAL = text_of(20)
"""What the model says to all the questions of these pages."""


def blocks(page: str, language: str) -> list[str]:
    """The code of a page, from its first block to its last."""
    text = (HOWTOS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def ran(command: list[str], folder: Path, **environ: str) -> str:
    """What it said; AssertionError with all of it when it failed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def key_of(person: Person) -> str:
    """A new key's secret."""
    made = person.call("POST", "/api/v1/keys", {"name": "a how-to"})
    return str(made.json["secret"])


def test_curl(house: House, tmp_path: Path) -> None:
    """The whole page in one shell: answers are read, a file is kept, a wrong request is
    refused, and key and session are ended."""
    script = "\n".join(["set -euo pipefail", *blocks("curl.md", "sh")])

    said = ran(
        ["bash", "-c", script],
        tmp_path,
        ZIMGPT=house["one"].url,
        PHONE=new_number(),
        PASSWORD=PASSWORD,
    )

    assert "".join(said.partition("It cost")[0].splitlines()) == USUAL
    assert re.search(r"^It cost \d+ tokens\.$", said, re.MULTILINE)
    assert (tmp_path / "answer.docx").read_bytes().startswith(b"PK")
    assert "data: [DONE]" in said
    assert '"code":"model_not_found"' in said or '"code":"bad_request"' in said
    assert "refused, and nothing was charged" in said
    assert_sound(house)


def test_keys_and_the_first_question(house: House, person: Person) -> None:
    """The two commands of the page on keys, as somebody who is signed in."""
    make, ask = blocks("api.md", "sh")
    here = {"ZIMGPT": house["one"].url, "SESSION": person.token}

    assert '"secret":"zg-' in ran(["bash", "-c", make], ROOT, **here)
    said = ran(["bash", "-c", ask], ROOT, **here, KEY=key_of(person))

    assert f'"content":"{USUAL}"' in said


def test_python(house: House, person: Person, tmp_path: Path) -> None:
    """The whole page as one program, with the library and without it."""
    program = "\n".join(blocks("python.md", "python"))
    ast.parse(program)

    said = ran(
        [sys.executable, "-c", program],
        tmp_path,
        ZIMGPT=house["one"].url,
        ZIMGPT_KEY=key_of(person),
        PHONE=person.phone,
        PASSWORD=PASSWORD,
    )

    assert said.count(USUAL) == 4
    assert re.search(r"^\d+ tokens are left$", said, re.MULTILINE)


def test_the_commands_of_the_reference(house: House, tmp_path: Path) -> None:
    """Each command that the site shows for an address without an id is a success, as
    somebody who is signed in and has a key."""
    person = Person.sign_up(house["one"].url)
    shown = specs.shown(ROOT / "docs" / "reference" / "openapi.yaml")
    commands = re.findall(r"^```sh\n(curl .*?)\n```$", shown, re.MULTILINE | re.DOTALL)
    tried = [one for one in commands if not ELSEWHERE.search(one)]
    quiet = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }'

    ran(
        ["bash", "-c", "\n".join(["set -eu", quiet, *tried])],
        tmp_path,
        ZIMGPT=person.url,
        TOKEN=person.token,
        KEY=key_of(person),
        MODEL="zimgpt",
    )

    assert len(tried) > 15


ASKS = """
import { POST } from "./route.mjs";

const told = async (text) => {
  const sent = { method: "POST", body: JSON.stringify({ text }) };
  const reply = await POST(new Request("http://study.example", sent));
  try {
    console.log(reply.status, await reply.text());
  } catch (error) {
    console.log("broken off:", error.message);
  }
};
await told("Name a river.");
await told("");
await told("fault:401-none-9");
"""


def test_a_route_of_nextjs(house: House, person: Person, tmp_path: Path) -> None:
    """It gives the words alone, passes a refusal on, and breaks off where the answer
    fails."""
    [route] = blocks("nextjs.md", "js")[-1:]
    (tmp_path / "route.mjs").write_text(route)
    (tmp_path / "asks.mjs").write_text(ASKS)
    node = shutil.which("node") or str(ROOT / ".web" / "node" / "bin" / "node")

    said = ran(
        [node, "asks.mjs"],
        tmp_path,
        ZIMGPT=house["one"].url,
        ZIMGPT_KEY=key_of(person),
    ).splitlines()

    assert said[0] == f"200 {USUAL}"
    assert said[1].startswith("400 ")
    assert "question_empty" in said[1]
    assert said[2].startswith("broken off:")
