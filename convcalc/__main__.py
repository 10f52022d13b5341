"""The command line: the script `convcalc` and `python -m convcalc` begin here."""

from convcalc import garbage

garbage.switch_off()  # before click is imported: the collector would walk over what stays until the end

from convcalc.cli.main import main  # noqa: E402 - as the comment says

if __name__ == "__main__":
    main()
