"""JavaScript with fewer characters: no comments, no spaces that only the reader needs.

Line ends stay where a statement may end without a semicolon or brace, names stay as they are, and texts
between quotes are not touched, so that the page's source still reads like the modules; their constants
become variables, which is shorter.
"""

import re

TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
    r"|(?P<template>`)"
    r"|(?P<space>\s+)"
    r"|(?P<word>[\w$]+)"
    r"|(?P<sign>=>|.)",
    re.DOTALL,
)
PATTERN = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
BEFORE_PATTERN = set("(,=:[!&|?{};+-*%<>~^") | {"", "=>", "return", "typeof", "case", "of", "in", "yield"}
INDENT = re.compile(r"\n +")  # in a template, which is HTML: one space is as good as many
OPENS, CLOSES = set("{([,;:?=&|<>*%.!~^"), set("})],;:?=&|<>*%.")
BRACKETS = {"}": "{", ")": "(", "]": "["}
HEADS = {"for", "while", "if", "with"}  # an empty statement may follow the brackets behind them


def compact(source: str) -> str:
    """The same program, shorter.

    Parameters
    ----------
    source : str
        Of an ES module or script, with semicolons at the end of statements.

    Examples
    --------
    >>> compact("const f = (a, b) => a + b; // sum\\n")
    'let f=(a,b)=>a+b;'
    >>> compact("const a = 1;\\nconst say = (x) =>\\n  `no  ${ x } ${`in  ${x}`} less`.replace(/ +/g, ' ');")
    "let a=1,say=x=>`no  ${x} ${`in  ${x}`} less`.replace(/ +/g,' ');"
    """
    made, _ = _code(source, 0, inside=False)
    return made.strip()


def _code(source: str, at: int, inside: bool) -> tuple[str, int]:
    """Code from a place to its end, or to the brace that ends a template's part."""
    tokens, gap, depth = [], "", 0
    while at < len(source):
        before = tokens[-1][1] if tokens else ""
        found = PATTERN.match(source, at) if source[at] == "/" and before in BEFORE_PATTERN else None
        kind, token = "text", found.group() if found else ""
        if not found or token.startswith(("//", "/*")):
            found = TOKEN.match(source, at)
            kind, token = found.lastgroup, found.group()
        if kind in ("space", "comment"):
            gap = "\n" if "\n" in gap + token else " "
            at += len(token)
            continue
        if inside and token == "}" and depth == 0:
            break
        depth += (token == "{") - (token == "}")
        end = at + len(token)
        if kind == "template":
            token, end = _template(source, at)
        tokens.append((gap, token))
        at, gap = end, ""
    return _join(_trim(tokens)), at


def _trim(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without needless signs; constants that follow one another make one statement."""
    kept: list[tuple[str, str]] = []
    levels = [{"opens": "", "constant": False, "head": False}]  # of brackets that are open
    after_head = False
    for gap, token in tokens:
        if kept and _needless([one for _, one in kept[-2:]], token, after_head):
            kept.pop()
        last, level = kept[-1][1] if kept else "", levels[-1]
        if token == "const" and last == ";" and level["constant"]:
            kept[-1] = (kept[-1][0], ",")
            continue
        if token == "const":
            level["constant"] = last in ("", ";", "{", "}") and level["opens"] != "("
        elif last == ";":
            level["constant"] = False
        if token == "=>" and _one_name([one for _, one in kept[-4:]]):
            kept[-3:] = [(kept[-3][0], kept[-2][1])]
        if token in BRACKETS.values():
            levels.append({"opens": token, "constant": False, "head": last in HEADS})
        elif token in BRACKETS and len(levels) > 1:
            after_head = levels.pop()["head"] and token == ")"
        kept.append((gap, token))
    return kept


def _needless(before: list[str], token: str, after_head: bool) -> bool:
    """Whether the last sign can go: a comma before a closing bracket, a semicolon before a brace."""
    if before[-1] == ",":
        return token in ("}", "]") and before[0] not in ("[", ",", "{")
    return token == "}" and before[-1] == ";" and not (before[0] == ")" and after_head)


def _one_name(before: list[str]) -> bool:
    """Whether an arrow follows a single name in brackets, which can go."""
    return (
        len(before) == 4 and before[1::2] == ["(", ")"] and before[2].isidentifier() and before[0] != "async"
    )


def _join(tokens: list[tuple[str, str]]) -> str:
    made, before = [], ""
    for (gap, token), following in zip(tokens, [*tokens[1:], ("", "")], strict=True):
        if token == "0" and following == ("", "."):  # 0.5 is .5
            token = ""
        elif token == "const":
            token = "let"
        made += [_between(before, gap, token or "."), token]
        before = token or before
    return "".join(made)


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
    both = before[-1:], after[:1]
    names = all(one.isalnum() or one in "_$" for one in both if one)
    if not before or (not gap and not names):
        return ""
    if before[-1] in OPENS or after[0] in CLOSES:
        return ""
    if gap == "\n" and before != "}":  # statements that end with a brace or a semicolon need no line end
        return "\n"
    return " " if names or both in (("+", "+"), ("-", "-")) else ""
