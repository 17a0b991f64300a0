"""The application's types of the API are those of the program's own document."""
import subprocess

from support.program import CHECKOUT

WEB = CHECKOUT / "web"


def test_the_contract_is_made_of_the_document(api, tmp_path):
    document, made = tmp_path / "openapi.json", tmp_path / "contract.d.ts"
    document.write_bytes(api.client.get("/openapi.json").content)
    subprocess.run(["node", WEB / "node_modules/openapi-typescript/bin/cli.js", document, "-o", made], check=True,
                   capture_output=True)
    assert made.read_text() == (WEB / "src/contract.d.ts").read_text(), (
        "in web/: npx openapi-typescript http://localhost:8080/openapi.json -o src/contract.d.ts")
