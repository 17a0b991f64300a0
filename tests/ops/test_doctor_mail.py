"""`doctor mail`: looks at the mail server without sending a mail."""
import pytest

from fakes.openai import self_signed
from fakes.smtp import Fault, FakeSmtp, authority
from support.ports import free_port
from support.program import run

FROM = {"MAIL_FROM": "mail@personaworlds.test"}
PROD = {"APP_ENV": "prod", "LLM_PROVIDER": "mock"}


def look(**settings):
    done = run("doctor", "mail", **FROM | settings)
    assert "planted" not in done.stdout + done.stderr
    return done.returncode, done.stdout


def test_without_a_server_it_says_what_that_means():
    assert look() == (0, "mail             ok       SMTP_URL isn't set: the links of mails are in the worker's log\n"
                         "everything is fine\n")
    code, said = look(**PROD)
    assert code == 2 and "nobody can verify an address or set a forgotten password" in said


def test_a_server_that_answers_is_fine_and_gets_no_mail():
    with FakeSmtp(user="mailer", password="planted-smtp-password") as server:
        assert look(SMTP_URL=server.url) == (0, "mail             ok       the mail server answers; no mail was sent\n"
                                                "everything is fine\n")
        assert server.mails == [] and any(line.startswith("AUTH") for line in server.commands)
        code, said = look(SMTP_URL=server.url.replace("smtp-password", "mistyped"))
        assert code == 1 and "refuses the login" in said


@pytest.mark.parametrize("fault, sentence", [(Fault("GREETING", 554), "554"), (Fault("EHLO"), "can't be used")])
def test_a_server_in_trouble_is_a_problem(fault, sentence):
    with FakeSmtp() as server:
        server.fault = fault
        code, said = look(SMTP_URL=server.url)
        assert code == 1 and sentence in said


def test_nobody_there_is_a_problem():
    code, said = look(SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    assert code == 1 and "can't be used" in said and "correct SMTP_URL" in said


def test_encryption_is_looked_at(tmp_path):
    ca, tls = authority(tmp_path)
    with FakeSmtp(tls=tls, smtps=True) as server:
        assert look(SMTP_URL=server.url, SMTP_CA_BUNDLE=ca)[0] == 0
    for settings in ({"tls": self_signed(tmp_path), "smtps": True}, {}):
        with FakeSmtp(**settings) as server:
            code, said = look(SMTP_URL=server.url.replace("127.0.0.1", "0.0.0.0"), **PROD)
            assert code == 1 and "no encrypted connection" in said


def test_a_url_that_cant_be_read_is_another_checks_finding():
    code, said = look(SMTP_URL="smtp://planted@mail.test")
    assert code == 4 and "not looked at, as SMTP_URL can't be read" in said
