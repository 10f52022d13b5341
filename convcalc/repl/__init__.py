"""The shell of `convcalc shell`: a prompt and a script language for a session.

`repl` reads a line into `arguments`, finds its command in the table of `commands`, and runs the function of that
command in `look_commands`, `edit_commands` or `file_commands`. Results go to an `Output`; only `prompts` uses the
terminal.
"""
