"""The `surehand` command with all its verbs."""

# Each module adds its verbs.
from surehand.cli import (  # noqa: F401
    backup,
    demo,
    doctor,
    due,
    exports,
    imports,
    readiness,
    reconcile,
    rota,
    scenarios,
    screening,
    spc,
    worker,
)
from surehand.cli.main import main

if __name__ == "__main__":
    main()
