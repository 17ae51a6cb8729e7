"""What is generated from the code is what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_generated_documents_are_up_to_date():
    command = [sys.executable, "scripts/document.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_picture_that_the_readmes_show_is_there():
    for name in ("README.md", "README.zh.md"):
        text = (ROOT / name).read_text("utf-8")
        shown = [part.split(")")[0] for part in text.split("](") if part.startswith("screenshots/")]
        assert shown and all((ROOT / picture).is_file() for picture in shown)


def test_every_link_between_documents_leads_somewhere():
    for file in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").glob("*.md")]:
        for part in file.read_text("utf-8").split("](")[1:]:
            target = part.split(")")[0].split("#")[0]
            if target and "://" not in target and " " not in target:
                assert (file.parent / target).exists(), f"{file.name}: {target}"
