"""Throw-away git repositories."""

import subprocess

IDENTITY = ["-c", "user.name=Someone", "-c", "user.email=someone@example.invalid"]


class Repository:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        command = ["git", *IDENTITY, "-c", "commit.gpgsign=false", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, check=True, capture_output=True, encoding="utf-8"
        )
        return done.stdout.strip()

    def write(self, **texts):
        for name, text in texts.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, message="a change"):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")
