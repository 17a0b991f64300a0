"""What somebody may write to become markup, script, data or direction of a page: sixty texts."""

HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "</SCRIPT\t><svg/onload=alert(1)>",
    "<!--", "-->", "--!><img src=x onerror=alert(1)>", "<!--<script>", "]]>", "<![CDATA[ x ]]>",
    "<!doctype html><html>", "<?xml version='1.0'?>", "</title><h1>owned</h1>", "</main></body></html>",
    "<plaintext>", "<textarea>", "<noscript><p title=\"</noscript><img src=x>\">", "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<a href=\"javascript:alert(1)\">x</a>", "javascript:alert(1)",
    "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)", "` onerror=alert(1) `", "\"><img src=x>",
    "a=b c='d' e=\"f\"", "&", "&amp;", "&lt;script&gt;", "&#0;&#x110000;&#xD800;", "&notit; &nbsp &copy=1",
    "%3Cscript%3E", "\\u003cscript>", "\\", "\\\"", "{\"a\": [1, 2", "\",\"admin\":true,\"x\":\"",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "%s %n %d %1$s", "＜script＞alert(1)＜/script＞", "line one\r\nline two\rline three\nline four", "\tindented\fpage",
    "\x01\x02\x08\x0b\x0e\x1f\x1b[31mred", "delete \x7f next \x80\x85\x9f", "\ufdd0\ufdef\ufffe\uffff",
    "\U0001fffe\U0010ffff", "line\u2028paragraph\u2029", "\u202eright to left",
    "\u2067\u2068\u2066 three that never end", "\u2069\u202c ends nothing", "zero\u200bwidth\u200d\u2060\ufeff",
    "Z" + "\u0301" * 60 + "algo", "مرحبا بالعالم, then Latin",
    "שלום <b>עולם</b>", "日本語「引用」。", "👩‍👩‍👧‍👦 🏳️‍🌈 \U0001f1f9\U0001f1f7", "İstanbul ıĞüş", "<" * 300 + ">" * 300,
    "word " * 700 + "<end>",
]
