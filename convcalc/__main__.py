"""`python -m convcalc`: the command line, also where the script `convcalc` is not on the path."""

from convcalc.cli.main import main

if __name__ == "__main__":
    main()
