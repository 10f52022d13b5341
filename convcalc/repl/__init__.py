"""The shell: a prompt and a script language over a session, as `convcalc shell` has them.

`repl` reads a line into `arguments`, finds its command in the table of `commands`, and runs the function of that
command in `look_commands`, `edit_commands` or `file_commands`. Results go to an `Output`; only `prompts` knows of
terminals.
"""
