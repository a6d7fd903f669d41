"""JavaScript with fewer characters: no comments, no spaces that only the reader needs.

Line ends stay where a statement may end without a semicolon, names stay as they are, and texts
between quotes are not touched, so that the page's source still reads like the modules.
"""

import re

TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
    r"|(?P<template>`)"
    r"|(?P<space>\s+)"
    r"|(?P<word>[\w$]+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
BEFORE_PATTERN = set("(,=:[!&|?{};+-*%<>~^") | {"", "return", "typeof", "case", "of", "in", "yield"}
INDENT = re.compile(r"\n +")  # within a template it is HTML, where one space is as good as many
OPENS, CLOSES = set("{([,;:?=&|<>*%.!~^"), set("})],;:?=&|<>*%.")


def compact(source: str) -> str:
    """The same program, shorter.

    Parameters
    ----------
    source : str
        Of an ES module or script, with semicolons at the end of statements.

    Examples
    --------
    >>> compact("const f = (a, b) => a + b; // sum\\n")
    'const f=(a,b)=>a+b;'
    >>> compact("const say = (x) =>\\n  `no  ${ x } ${`in  ${x}`} less`.replace(/ +/g, ' ');")
    "const say=(x)=>`no  ${x} ${`in  ${x}`} less`.replace(/ +/g,' ');"
    """
    made, at = _code(source, 0, inside=False)
    if at != len(source):
        raise ValueError(f"a brace at {at} closes nothing; allowed: whole modules")
    return made.strip()


def _code(source: str, at: int, inside: bool) -> tuple[str, int]:
    """Code from a place to its end, or to the brace that ends a template's part."""
    parts: list[str] = [""]
    gap, depth = "", 0
    while at < len(source):
        found = PATTERN.match(source, at) if source[at] == "/" and parts[-1] in BEFORE_PATTERN else None
        kind, token = "text", found.group() if found else ""
        if not found or token.startswith(("//", "/*")):
            found = TOKEN.match(source, at)
            kind, token = found.lastgroup, found.group()
        if kind in ("space", "comment"):
            gap = "\n" if "\n" in gap + token else " "
            at += len(token)
            continue
        if inside and token == "}" and depth == 0:
            return "".join(parts), at
        depth += (token == "{") - (token == "}")
        parts.append(_between(parts[-1], gap, token))
        gap = ""
        if kind == "template":
            token, at = _template(source, at)
        else:
            at += len(token)
        parts.append(token)
    return "".join(parts), at


def _template(source: str, at: int) -> tuple[str, int]:
    """A text between back quotes; the code within it is made compact."""
    made, start = ["`"], at + 1
    at = start
    while source[at] != "`":
        if source[at] == "\\":
            at += 2
        elif source.startswith("${", at):
            made.append(INDENT.sub("\n", source[start : at + 2]))
            part, at = _code(source, at + 2, inside=True)
            made.append(part)
            start = at
        else:
            at += 1
    return "".join([*made, INDENT.sub("\n", source[start : at + 1])]), at + 1


def _between(before: str, gap: str, after: str) -> str:
    """What of a gap between two tokens must stay."""
    if not gap or not before:
        return ""
    if before[-1] in OPENS or after[0] in CLOSES:
        return ""
    if gap == "\n":
        return "\n"
    both = before[-1], after[0]
    names = all(one.isalnum() or one in "_$" for one in both)
    return " " if names or both in (("+", "+"), ("-", "-")) else ""
