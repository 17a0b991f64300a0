"""script/lint: each rule is broken once in a copy of the tree, and the lint names the place."""
import os
import shutil
import subprocess

import pytest

from support.program import CHECKOUT


@pytest.fixture
def tree(tmp_path):
    """What the lint reads of the program, without clang-format: its layout has a test below."""
    for folder in ("script", "backend", "bench", "deploy", "docs", "tests", "web/src"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder,
                        ignore=shutil.ignore_patterns("corpus", "seen", "__pycache__"))
    for path in CHECKOUT.glob("*.md"):
        shutil.copy(path, tmp_path)
    return tmp_path


def lint(tree):
    return subprocess.run([tree / "script/lint"], capture_output=True, text=True, check=False)


def append(path, text):
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def assert_named(tree, place, reason):
    done = lint(tree)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith(place) and reason in line], done.stdout


def test_the_tree_as_it_is_breaks_no_rule_and_is_measured(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert "circles of includes                    0" in done.stdout


def include_another_command(tree):
    append(tree / "backend/src/ops/triage/triage.c", '#include "ops/up/up.h"\n')
    return "backend/src/ops/triage/triage.c:", "commands share ops/shared alone"


def include_a_higher_layer(tree):
    append(tree / "backend/src/domain/cidr.c", '#include "api/http/router.h"\n')
    return "backend/src/domain/cidr.c:", "domain must not include api/http/router.h"


def include_a_library_elsewhere(tree):
    append(tree / "backend/src/domain/cidr.c", "#include <libpq-fe.h>\n")
    return "backend/src/domain/cidr.c:", "<libpq-fe.h> is for"


def close_a_circle(tree):
    (tree / "backend/src/domain/left.h").write_text('#include "domain/right.h"\n')
    (tree / "backend/src/domain/right.c").write_text('#include "domain/left.h"\n')
    (tree / "backend/src/domain/right.h").write_text("")
    return ("backend/src/domain/left.h:1:",
            "a circle of includes: domain/left -> domain/right; domain/right -> domain/left")


def widen_a_line(tree):
    append(tree / "backend/src/domain/cidr.c", "static const char wide[] = \"" + "x" * 100 + "\";\n")
    return "backend/src/domain/cidr.c:", "a line of 130 columns (at most 120)"


def widen_a_comment(tree):
    append(tree / "backend/src/domain/cidr.c", "/* " + "x" * 95 + " */\n")
    return "backend/src/domain/cidr.c:", "a comment of 101 columns (at most 100)"


def leave_out_a_comment(tree):
    append(tree / "backend/src/domain/cidr.h", "\nint undocumented(int a, int b);\n")
    return "backend/src/domain/cidr.h:", "undocumented has no comment"


def lengthen_a_function(tree):
    append(tree / "backend/src/domain/cidr.c", "void f(void)\n{\n" + "    f();\n" * 39 + "}\n")
    return "backend/src/domain/cidr.c:", "a function of 41 lines (at most 40)"


def nest_too_deep(tree):
    body = "".join("    " * depth + "if (depth)\n" for depth in range(1, 5))
    append(tree / "backend/src/domain/cidr.c", f"void f(void)\n{{\n{body}                    f();\n}}\n")
    return "backend/src/domain/cidr.c:", "control statements 4 deep (at most 3)"


def name_two_public_functions_alike(tree):
    append(tree / "backend/src/worker/queue.c", "int cidr_read(void)\n{\n    return 0;\n}\n")
    return "backend/src/worker/queue.c:", "cidr_read is public in backend/src/domain/cidr.c, too"


def name_what_no_file_has(tree):
    append(tree / "docs/GLOSSARY.md", "| flux | what nobody has made | `flux_capacitor` |\n")
    return "docs/GLOSSARY.md:", "no file has flux_capacitor"


def name_a_file_that_is_not_there(tree):
    append(tree / "backend/src/domain/cidr.c", "static int flux; /* its charge: capacitor.h says why */\n")
    return "backend/src/domain/cidr.c:", "the comment names capacitor.h, which isn't in the repository"


def name_a_document_that_is_not_there(tree):
    (tree / "tests/api/test_flux.py").write_text('"""As docs/FLUX.md has it."""\n')
    return "tests/api/test_flux.py:1:", "the comment names docs/FLUX.md, which isn't in the repository"


def name_a_folder_where_the_file_is_not(tree):
    append(tree / "backend/sql/jobs/notify.sql", "-- worker/cidr.c\n")
    return "backend/sql/jobs/notify.sql:", "the comment names worker/cidr.c, which isn't in the repository"


def test_names_in_code_in_addresses_and_of_what_is_there_are_no_files_that_are_missing(tree):
    append(tree / "backend/src/domain/cidr.c",
           "/* domain/cidr.h, cidr.h, <string.h>, sql.h and README.md; NAME.c; https://a.example/flux.h */\n"
           "static const char *const flux = \"flux.sql\";\n")
    (tree / "tests/api/test_flux.py").write_text('FLUX = "flux.c"\nTEXT = """\nflux.md\n"""\n')
    done = lint(tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("line", [
    "<p dangerouslySetInnerHTML={{ __html: text }} />", "node.innerHTML = text;", "node.outerHTML = text;",
    "node.insertAdjacentHTML('beforeend', text);", "eval(text);", "window.eval(text);",
])
@pytest.mark.parametrize("file", ["parts/field.tsx", "store.ts", "theme.js"])
def test_a_page_makes_no_markup_and_no_code_of_a_text(tree, file, line):
    append(tree / "web/src" / file, f"{line}\n")
    assert_named(tree, f"web/src/{file}:", "makes markup or code of a text")


@pytest.mark.parametrize("file", ["views/home.tsx", "store.ts", "theme.js"])
@pytest.mark.parametrize("line", ["fetch(url);", "await window.fetch(url);"])
def test_two_files_of_the_application_alone_call_the_api(tree, file, line):
    append(tree / "web/src" / file, f"{line}\n")
    assert_named(tree, f"web/src/{file}:", "api.ts alone calls fetch, and stream.ts")


@pytest.mark.parametrize("rule", [
    ".flux { color: #fff; }", ".flux { color: #A1B2C3 }", ".flux {\n  background: #12345678;\n}",
    ".flux { border: 1px solid rgb(0 0 0 / 50%); } .capacitor { color: var(--ink); }", "a { color: hsl(0 0% 0%); }",
    ".flux { background: linear-gradient(oklch(1 0 0), var(--ink)); }",
])
def test_a_colour_is_a_token(tree, rule):
    append(tree / "web/src/style.css", f"@layer parts {{\n{rule}\n}}\n")
    assert_named(tree, "web/src/style.css:", "is a colour outside the tokens")


@pytest.mark.parametrize("line", [
    'static const char flux[] = "<p style=\\"color: red\\">";',
    "static const char flux[] = \"<p style='color: red'>\";"])
def test_html_that_c_writes_has_no_style(tree, line):
    append(tree / "backend/src/domain/cidr.c", f"{line}\n")
    assert_named(tree, "backend/src/domain/cidr.c:", "style= in HTML")


def test_what_only_looks_like_a_fault_of_the_pages_is_none(tree):
    append(tree / "web/src/api.ts", "void fetch(url);\n")
    (tree / "web/src/stream.ts").write_text("void fetch(url);\n")
    append(tree / "web/src/store.ts", "refetch(evaluation, prefetch(retrieval(url)));\n")
    append(tree / "web/src/style.css", "@layer tokens {\n  :root { --flux: #fff; }\n}\n"
           "@layer parts {\n  #feed { color: var(--ink); }\n  #add,\n  a:hover #fade { color: inherit; }\n}\n")
    append(tree / "backend/src/domain/cidr.c", 'static const char flux[] = "link_style=\\"plain\\"";\n')
    done = lint(tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("break_rule", [
    include_another_command, include_a_higher_layer, include_a_library_elsewhere, close_a_circle, widen_a_line,
    widen_a_comment, leave_out_a_comment, lengthen_a_function, nest_too_deep,
    name_two_public_functions_alike, name_what_no_file_has, name_a_file_that_is_not_there,
    name_a_document_that_is_not_there, name_a_folder_where_the_file_is_not,
], ids=lambda rule: rule.__name__)
def test_a_broken_rule_is_named_with_its_place(tree, break_rule):
    assert_named(tree, *break_rule(tree))


def test_another_layout_of_c_is_named(tree):
    os.makedirs(tree / ".venv/bin")
    os.symlink(CHECKOUT / ".venv/bin/clang-format", tree / ".venv/bin/clang-format")
    shutil.copy(CHECKOUT / ".clang-format", tree)
    append(tree / "backend/src/domain/cidr.c", "int  two_blanks;\n")
    done = lint(tree)
    assert done.returncode == 1
    assert "the layout isn't clang-format's" in done.stdout and "backend/src/domain/cidr.c:" in done.stdout
