"""Hooks of mkdocs: documents outside docs/, and links to files of the repository.

The runbook and CONTRIBUTING are pages of the site, too. Other files of the repository
are not: a link to one becomes its path.
"""

import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = {"prometheus/RUNBOOK.md": "RUNBOOK.md", "CONTRIBUTING.md": "CONTRIBUTING.md"}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(((?!https?:|#)[^)#\s]+)(#[^)]*)?\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the documents that are pages and not in docs/."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """The text of a page with its links to files of the repository replaced."""
    places = {page: source for source, page in PAGES.items()}
    source = page.file.src_uri
    folder = (ROOT / places.get(source, f"docs/{source}")).parent
    depth = "../" * (len(PurePosixPath(source).parts) - 1)

    def replaced(link: re.Match[str]) -> str:
        text, target, anchor = link[1], link[2], link[3] or ""
        path = (folder / target).resolve().relative_to(ROOT).as_posix()
        if path.startswith("docs/"):
            return f"[{text}]({depth}{path.removeprefix('docs/')}{anchor})"
        if path in PAGES:
            return f"[{text}]({depth}{PAGES[path]}{anchor})"
        return text if text.strip("`") == path else f"{text} (`{path}`)"

    return LINK.sub(replaced, markdown)
