from surehand.cli.main import main

main()
