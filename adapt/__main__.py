"""`python -m adapt` is the command `adapt`."""

from adapt.cli import main

if __name__ == "__main__":
    main()
