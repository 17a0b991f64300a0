"""Requests made from the document itself, good ones and broken ones:
nothing that it doesn't say comes back."""
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from support import tokens
from support.people import sign_up
from support.program import environment

pytestmark = pytest.mark.long

LONG = os.environ.get("PERSONAWORLDS_LONG") == "1"
SECONDS = 600 if LONG else 60
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.timeout(SECONDS + 120)
def test_nothing_undocumented_comes_back(api, document, tmp_path):
    user = sign_up(api)
    user.token = tokens.token(tokens.claims_for(user.id))  # it names no session, so no logout ends it
    user.persona()
    described = tmp_path / "openapi.json"
    described.write_text(json.dumps(document.json))
    program = shutil.which("schemathesis", path=os.path.dirname(sys.executable))
    done = subprocess.run(
        [program, "run", described, "--url", f"http://127.0.0.1:{api.port}", "--header",
         f"Authorization: Bearer {user.token}", "--checks", CHECKS,
         "--phases", "coverage,fuzzing,stateful", "--max-time", str(SECONDS), "--max-examples", "100000",
         "--continue-on-failure", "--no-color",
         "--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off"],
        env=environment(PYTHONHASHSEED=0), cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS + 100)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) generated", done.stdout)[1]) > 500, done.stdout
