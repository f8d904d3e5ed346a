"""Text that wants to be more than text, and a check that no page let it."""

from __future__ import annotations

from tests.pages.reading import Element

#: What people have tried elsewhere. None of it contains a NUL: vendors do not let one through.
CORPUS = (
    "<script>alert(1)</script>",
    "</script><script src=//evil.example/x.js>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "</q></p></li></section><form action=//evil.example>",
    "<style>*{display:none}</style>",
    "<!-- <meta http-equiv=refresh content=0;url=//evil.example>",
    "javascript:alert(1)",
    "[a](javascript:alert(1))",
    "{{ 7 * 7 }} {% for x in ().__class__.__base__.__subclasses__() %}",
    "{kind} {x.__class__} {0} %(x)s ${x}",
    "&lt;b&gt; &amp;amp; &#106;avascript:",
    "\u202eesrever \u2066isolated\u2069",
    "\U0001f44d\U0001f3fd 👩‍👩‍👧 ́́́",
    "a" * 5000,
    "line\nbreaks\r\nand\ttabs",
    "]]><![CDATA[ <?xml ?>",
)
#: Every element that our templates use.
OURS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "header",
        "main",
        "nav",
        "section",
        "article",
        "aside",
    ),
    *("a", "p", "q", "h1", "h2", "h3", "ol", "ul", "li", "dl", "dt", "dd", "div", "span", "br", "time", "kbd", "code"),
    *("form", "button", "input", "textarea", "label", "select", "option", "details", "summary", "dialog", "noscript"),
    *("blockquote", "pre", "fieldset", "legend", "b", "i", "s"),
    *("table", "thead", "tbody", "tr", "th", "td", "svg", "path", "label", "textarea", "picture", "source", "img"),
    "strong",
    "datalist",
    "mark",
}


def check(page: Element) -> None:
    """Nothing on a page but our own elements, leading only to our own pages or to the web."""
    for element in page.walk():
        assert element.name in OURS or element.name == "#root", element.name
        assert not [name for name in element.attributes if name.startswith("on") or name in ("style", "srcdoc")]
        for name in ("href", "src", "srcset", "action", "formaction"):
            address = element.attributes.get(name, "/")
            assert address.startswith(("/", "#", "https://", "http://")) and not address.startswith("//"), address
        if element.name == "script":
            assert not element.text
