import pytest

from support.openapi import Document


@pytest.fixture(scope="module")
def document(api):
    return Document(api.client.get("/openapi.json").json())
