"""The matrix as Markdown, for the documentation."""

from __future__ import annotations

from faults.cases import GROUPS
from faults.outcome import ANSWER, COLUMNS, Case, Outcome

__all__ = ["BEGIN", "END", "markdown", "put_into"]

BEGIN = "<!-- the matrix: written by scripts/faults --write -->"
END = "<!-- end of the matrix -->"
HEAD = ("the server ...", "chat, streamed", "chat, whole", "text, streamed", "text, whole")


def markdown() -> str:
    """All groups, a table each."""
    blocks = []
    for title, cases in GROUPS.items():
        rows = [HEAD, ("---",) * len(HEAD), *(_row(case) for case in cases)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        blocks.append("\n".join([f"### {title}", "", *lines]))
    return "\n\n".join(blocks)


def put_into(page: str) -> str:
    """The page with the matrix between its marks."""
    before, mark, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError("The page has no place for the matrix.")
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


def _row(case: Case) -> tuple[str, ...]:
    cells = [_cell(case.expected(column), case) for column in COLUMNS]
    return (case.name.replace("|", "\\|"), *cells)


def _cell(outcome: Outcome | None, case: Case) -> str:
    if outcome is None:
        return "-"
    if outcome.error is None:
        words = ["the answer"] if outcome.text == ANSWER else [f"the answer, {_said(outcome.text)}"]
    else:
        words = [f"`{outcome.error}`"]
        if outcome.text is not None:
            words.append(f"with {_said(outcome.text)}" if outcome.text else "with nothing")
    if outcome.attempts > 1:
        words.append(f"{outcome.attempts} attempts")
    if outcome.waits:
        words.append("after " + " and ".join(f"{seconds:g} s" for seconds in outcome.waits))
    if case.next:
        words.append("kept" if outcome.reused else "closed")
    return ", ".join(words)


def _said(text: str | None) -> str:
    return f'"{text}"'
