"""The completion of each shell: the script that it loads, and what the script sends to convcalc and gets back.

At each press of the tab key the script calls convcalc with the line up to the cursor in COMP_LINE. The answer has a
line for each candidate, with tabs between its kind, its text and its help. The kinds are `plain` and `file`: the shell
completes files itself. The first line has the kind `word`, and the word before the cursor without its quotes; of
--option=word it has only the word.
"""

from __future__ import annotations

import os
import re

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, split_arg_string

# Readline replaces only the part of a word behind the last character of COMP_WORDBREAKS, such as @ or =. That part is
# the second argument. It is compared with whole candidates here, and the rest is cut off.
BASH = r"""_convcalc_completion() {
    local line kind text word="" ahead="" quote="" wants_files="" plain=() files=()
    while IFS=$'\t' read -r kind text _; do
        case $kind in
            word) word=$text ;;
            plain) plain+=("$text") ;;
            file) wants_files=yes ;;
        esac
    done < <(COMP_LINE=${COMP_LINE:0:COMP_POINT} _CONVCALC_COMPLETE=bash_complete "${1/#\~/$HOME}" 2>/dev/null)
    case $2 in [\"\']*) quote=${2:0:1} ;; esac
    ahead=${word%"${2#"$quote"}"}
    if [[ $wants_files ]]; then
        while IFS= read -r line; do
            files+=("$line")
        done < <(compgen -f -- "$word")
    fi
    COMPREPLY=()
    if [[ ${#plain[@]} -eq 0 && ${#files[@]} -gt 0 ]]; then
        compopt -o filenames 2>/dev/null
        for text in "${files[@]}"; do
            COMPREPLY+=("${text#"$ahead"}")
        done
        return
    fi
    for text in "${plain[@]}"; do
        COMPREPLY+=("${text#"$ahead"}")
    done
    for text in "${files[@]}"; do
        line=${text#"$ahead"}
        [[ $quote ]] || printf -v line %q "$line"
        [[ -d ${text/#\~/$HOME} ]] && line+=/
        COMPREPLY+=("$line")
    done
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=./] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _convcalc_completion convcalc 2>/dev/null || complete -F _convcalc_completion convcalc
"""

# In a folder of $fpath the file is the body of the function `_convcalc`, which defines itself anew when it first runs.
ZSH = r"""#compdef convcalc
_convcalc() {
    local line kind text help wants_files="" found=1
    local -a ended open
    for line in "${(@f)$(COMP_LINE="${words[1,CURRENT-1]} $PREFIX" _CONVCALC_COMPLETE=zsh_complete \
                         ${~words[1]} 2>/dev/null)}"; do
        IFS=$'\t' read -r kind text help <<< "$line"
        case $kind in
            plain)
                line=${text//:/\\:}${help:+:$help}
                if [[ $text == *[=.] ]]; then open+=("$line"); else ended+=("$line"); fi ;;
            file) wants_files=yes ;;
        esac
    done
    [[ $PREFIX == --*=* ]] && compset -P '*='
    [[ -n $ended ]] && _describe -V convcalc ended && found=0
    [[ -n $open ]] && _describe -V convcalc open -S '' && found=0
    [[ -n $wants_files ]] && _files && found=0
    return found
}
if [[ $funcstack[1] == _convcalc ]]; then
    _convcalc "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _convcalc convcalc
fi
"""

FISH = r"""function _convcalc_completion
    set -l word ""
    set -l command (commandline -opc)[1]
    set -l option (string match --regex -- '^--[\w-]+=' (commandline -ct))
    for line in (COMP_LINE=(commandline -cp | string collect) _CONVCALC_COMPLETE=fish_complete $command 2>/dev/null)
        set -l parts (string split \t -- $line)
        switch $parts[1]
            case plain
                string join \t -- "$option$parts[2]" $parts[3..-1]
            case file
                printf '%s\n' "$option"(__fish_complete_path $word)
            case word
                set word $parts[2]
        end
    end
end
complete --keep-order --no-files --command convcalc --arguments "(_convcalc_completion)"
"""


_OPTION = re.compile(r"--[\w-]+=")


class LineComplete(ShellComplete):
    """The answer to a script."""

    def source(self) -> str:
        return self.source_template

    def get_completion_args(self) -> tuple[list[str], str]:
        # With a letter behind the cursor the last word is never empty, and an open quote is part of it.
        *words, last = split_arg_string(os.environ.get("COMP_LINE", "") + "x")
        return words[1:], last[:-1]

    def complete(self) -> str:
        _, word = self.get_completion_args()
        word = word.partition("=")[2] if _OPTION.match(word) else word
        return f"word\t{word}\n{super().complete()}"

    def format_completion(self, item: CompletionItem[str]) -> str:
        help = " ".join((item.help or "").split())
        return f"{item.type}\t{item.value}\t{help}".rstrip("\t")


class Bash(LineComplete):
    name = "bash"
    source_template = BASH


class Zsh(LineComplete):
    name = "zsh"
    source_template = ZSH


class Fish(LineComplete):
    name = "fish"
    source_template = FISH


SHELLS: dict[str, type[LineComplete]] = {each.name: each for each in (Bash, Zsh, Fish)}


def register() -> None:
    """Let click answer with these classes."""
    for each in SHELLS.values():
        add_completion_class(each)
