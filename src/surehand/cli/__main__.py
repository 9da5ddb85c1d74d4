"""The `surehand` command with all its verbs."""

from surehand.cli import demo, imports, readiness, rota  # noqa: F401  (each module adds its verbs)
from surehand.cli.main import main

if __name__ == "__main__":
    main()
