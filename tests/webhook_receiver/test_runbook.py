import re

import pytest
from webhook_receiver.alert_view import breakable
from webhook_receiver.app import create_app
from webhook_receiver.runbook import read


@pytest.fixture
def client(history, tmp_path, registry):
    """Makes a client of a receiver with a runbook, or without one."""

    def client(runbook=None):
        app = create_app(history, tmp_path / "token", registry, runbook=runbook)
        return app.test_client()

    return client


def test_every_section_of_the_runbook_has_the_anchor_that_alerts_link_to(client, root):
    file = root / "prometheus" / "RUNBOOK.md"
    titles = re.findall(r"^## (.+)$", file.read_text(), re.MULTILINE)
    page = client(file).get("/runbook").text
    assert titles
    for title in titles:
        assert f'<h2 id="{title.lower()}">{title}</h2>' in page
        assert f'<a href="#{title.lower()}">{breakable(title)}</a>' in page


def test_the_runbook_is_read_for_each_request(client, tmp_path):
    file = tmp_path / "RUNBOOK.md"
    reader = client(file)
    for words in ("before", "after"):
        file.write_text(f"# {words}\n")
        assert words in reader.get("/runbook").text


@pytest.mark.parametrize(
    "text",
    [
        "<script>window.ran = 1</script>",
        "a <img src=x onerror=window.ran=1>",
        "[a](javascript:alert(1))",
        "## <script>window.ran = 1</script>",
    ],
)
def test_html_in_the_runbook_is_escaped(tmp_path, text):
    file = tmp_path / "RUNBOOK.md"
    file.write_text(text)
    html = read(file).html
    assert not re.search(r"<script|<img|href", html)


def test_without_a_runbook_there_is_no_page_and_no_link_to_it(client):
    reader = client()
    response = reader.get("/runbook")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert "--runbook" in response.json["detail"]
    assert "/runbook" not in reader.get("/").text


def test_a_missing_runbook_is_named(client, tmp_path):
    response = client(tmp_path / "gone.md").get("/runbook")
    assert response.status_code == 404
    assert "gone.md" in response.json["detail"]
