"""The `surehand` command with all its verbs."""

# Each module adds its verbs.
from surehand.cli import backup, demo, doctor, due, imports, readiness, rota  # noqa: F401
from surehand.cli.main import main

if __name__ == "__main__":
    main()
