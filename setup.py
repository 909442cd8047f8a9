"""Packages of ZimGPT; metadata and tools are in pyproject.toml.

``package_dir`` makes a plain ``pip install -e .`` put the checkout on the path, so
that the twistd plugin is found; ``twisted.plugins`` is listed because it has, and
must have, no ``__init__.py``.
"""

from setuptools import find_packages, setup

setup(
    package_dir={"": "."},
    packages=[*find_packages(include=["zimgpt", "zimgpt.*"]), "twisted.plugins"],
    package_data={
        "zimgpt": [
            "py.typed",
            "domain/prompts/*/*.txt",
            "domain/texts/*.json",
            "wire/papers/fonts/*",
            "wire/papers/word/*.xml",
            "store/*.sql",
            "store/schema/*.sql",
            "inbound/web_export/**/*",
            "embedded/phone/pages/*",
            "embedded/paynow/pages/*",
        ],
        "twisted": ["plugins/zimgpt_plugin.py"],
    },
    zip_safe=False,
)
