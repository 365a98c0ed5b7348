"""The pages, as they are served and as a browser shows them."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from credit_analyzer.app import create_app
from credit_analyzer.openapi import description
from playwright.sync_api import expect
from prometheus_client import CollectorRegistry

SIZES = pytest.mark.parametrize("width", [390, 1280])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
PATHS = pytest.mark.parametrize("path", ["", "docs"])


@pytest.fixture
def url(model, serve_pages):
    """The pages on a real server."""
    return serve_pages(create_app(model, CollectorRegistry()))


@pytest.fixture
def show(url, visit):
    """Opens a page, and closes it before the server ends."""

    def show(path="", width=1280, **options):
        return visit(url + path, width, **options)

    return show


def test_the_first_page_says_what_is_decided(client):
    page = client.get("/").text
    for words in (
        "DENIED",
        "below 0.4",
        "ANALYST",
        "from 0.4",
        "APPROVED",
        "from 0.65",
    ):
        assert words in page


def test_the_form_has_each_input_with_an_example(client, model):
    page = client.get("/").text
    for name in model.card.inputs:
        assert f'name="{name}"' in page
    assert re.search(r'name="loan_amount" value="\d+"', page)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_may_load_from_and_send_to_its_own_service_only(client, path):
    response = client.get(path)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    links = re.findall(r'(?:src|href|action)="([^"]*)"', response.text)
    assert links
    assert not [link for link in links if re.match(r"\w+:(?!image)|//", link)]


def test_the_reference_shows_every_operation(client, model):
    page = client.get("/docs").text
    for path, methods in description(model.card)["paths"].items():
        assert path in page
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
            assert operation["summary"] in page


def test_the_reference_says_what_a_score_means(client):
    assert "Probability that a loan is repaid." in client.get("/docs").text


def test_the_reference_shows_a_call_that_works(client):
    page = client.get("/docs").text
    assert "curl http://localhost/api/v1/credit-analyzer/ --json" in page


def test_a_form_that_is_sent_shows_the_decision(show):
    page = show()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("output")).to_have_text(re.compile(r"\w+, score 0\.\d+"))


def test_a_form_that_is_refused_names_the_field_and_the_fix(show):
    page = show(expected="status of 422")
    page.get_by_label("loan_amount").fill("a lot")
    page.get_by_role("button", name="Decide").click()
    output = page.locator("output.error")
    expect(output).to_contain_text("loan_amount must be a whole number from 1")


@PATHS
@SIZES
def test_no_page_is_wider_than_its_window(show, path, width):
    page = show(path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@PATHS
@SCHEMES
def test_every_page_can_be_used_by_everyone(show, path, scheme):
    results = Axe().run(show(path, color_scheme=scheme))
    assert results.violations_count == 0, results.generate_report()
