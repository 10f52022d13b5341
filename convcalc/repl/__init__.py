"""A prompt and a script language over a session: `convcalc shell`.

A line is read into words (`words`), the table of `commands` finds what it names, and a small function of `edits`,
`views` or `files` calls the session and shows what came of it. The `shell` runs lines, from a prompt or from a script.
What it shows goes to an `Output`, so that nothing here knows of terminals but the `prompts`.
"""
