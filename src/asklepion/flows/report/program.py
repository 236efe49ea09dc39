"""Which program it was: its version, and the commit it stands at where it runs from a checkout."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import asklepion


def program() -> str:
    """Return name and version, and the git commit of the source where git knows this very file; changes are said."""
    told = f"asklepion {version('asklepion')}"
    source = Path(asklepion.__file__)
    if _git(source, "ls-files", "--error-unmatch", source.name) is None:
        return told
    commit, changed = _git(source, "rev-parse", "HEAD"), _git(source, "status", "--porcelain", "--", ".")
    return f"{told}, commit {commit}{' with changes' if changed else ''}" if commit else told


def _git(source: Path, *words: str) -> str | None:
    """Return what git answers, None where there is no git or it says no."""
    try:
        done = subprocess.run(["git", *words], cwd=source.parent, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
