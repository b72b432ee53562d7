# SPDX-License-Identifier: MIT
# bash completion for memmap(1)                            -*- shell-script -*-

_memmap_kinds='text rodata relro data bss heap stack guard anon jit shm file device vdso reserved'

# Completes $1, the last item of a list, from the words in $3; $2 is the text before it.
_memmap_item()
{
    local words=$3 item

    # Items that the list already has are not offered again.
    for item in ${2//[,+-]/ }; do
        words=" ${words//[[:space:]]/ } "
        words=${words/ "${item^^}" / }
        words=${words/ "${item,,}" / }
    done
    # memmap ignores the case of names: complete them in the case in which they begin.
    [[ $1 == [a-z]* ]] && words=${words,,}
    mapfile -t COMPREPLY < <(compgen -P "$2" -W "$words" -- "$1")
}

# Completes $cur as a list with commas, which may begin with one of the characters in $2.
_memmap_list()
{
    local prefix=

    if [[ $cur == *,* ]]; then
        prefix=${cur%,*},
    elif [[ $cur && $2 == *"${cur:0:1}"* ]]; then
        prefix=${cur:0:1}
    fi
    compopt -o nospace
    _memmap_item "${cur#"$prefix"}" "$prefix" "$1"
}

# The columns of the view that the words before this option select, as the program itself lists them.
_memmap_columns()
{
    local count=$((cword - 2))

    $split && count=$((cword - 1))
    "${words[0]/#'~/'/"$HOME/"}" --list-columns "${words[@]:1:count}" 2>/dev/null | cut -d ' ' -f 1
}

# The checks of --check, as the program itself lists them.
_memmap_checks()
{
    "${words[0]/#'~/'/"$HOME/"}" --help=checks 2>/dev/null | cut -d ' ' -f 1
}

# The directories of processes, except kernel threads, which have no memory.
_memmap_processes()
{
    local dir size

    for dir in /proc/[0-9]*; do
        { read -r size _ <"$dir/statm"; } 2>/dev/null && [[ $size != 0 ]] && echo "$dir"
    done
}

# The threads of the processes that are named by PID, or else of all.
_memmap_threads()
{
    local dir word
    local -a dirs=()

    for word in "${words[@]:1}"; do
        [[ $word =~ ^[0-9]+$ && -d /proc/$word/task ]] && dirs+=("/proc/$word")
    done
    ((${#dirs[@]})) || mapfile -t dirs < <(_memmap_processes)
    for dir in "${dirs[@]}"; do
        { cd "$dir/task" && echo [0-9]*; } 2>/dev/null
    done
}

# Files if there is a slash; otherwise PIDs, and names that are safe on a command line: a process may
# have any name.
_memmap_targets()
{
    local dir name
    local -A targets=()

    if [[ $cur == */* ]]; then
        _filedir
        return
    fi
    for dir in $(_memmap_processes); do
        targets[${dir#/proc/}]=
        { IFS= read -r name <"$dir/comm"; } 2>/dev/null || continue
        [[ $name =~ ^[[:alpha:]_][[:alnum:]._+-]*$ ]] && targets[$name]=
    done
    mapfile -t COMPREPLY < <(compgen -W "${!targets[*]}" -- "$cur")
}

_memmap()
{
    local cur prev split
    local words cword

    _init_completion -s || return
    if [[ " ${words[*]:1:cword-1} " == *' -- '* ]]; then
        _memmap_targets
        return
    fi
    case $prev in
    -k | --kind)
        _memmap_list "$_memmap_kinds"
        return
        ;;
    -o | --output)
        _memmap_list "$(_memmap_columns)" +
        return
        ;;
    --sort)
        _memmap_list "$(_memmap_columns)" -
        return
        ;;
    -p | --pid)
        _memmap_list "$(_memmap_processes | cut -d / -f 3)"
        return
        ;;
    -u | --user)
        mapfile -t COMPREPLY < <(compgen -u -- "$cur")
        return
        ;;
    --output-file | --save)
        _filedir
        return
        ;;
    --procfs | --sysroot)
        _filedir -d
        return
        ;;
    --frames)
        if $split; then
            _memmap_item "$cur" '' "$(_memmap_threads)"
            return
        fi
        ;;
    -h | --help)
        if $split; then
            _memmap_item "$cur" '' 'columns kinds checks'
            return
        fi
        ;;
    -A | --range | --cgroup | --perms | --name | --at | --count | --on-growth)
        return
        ;;
    --check)
        if $split; then
            _memmap_list "$(_memmap_checks)" -
            return
        fi
        ;;
    --severity)
        _memmap_item "$cur" '' 'note warning error'
        return
        ;;
    --group)
        _memmap_item "$cur" '' 'command user cgroup container'
        return
        ;;
    -w | --watch)
        $split && return
        ;;
    --color)
        if $split; then
            _memmap_item "$cur" '' 'auto always never'
            return
        fi
        ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '-u --user= -a --all --group= --openmetrics --folded --output-file= -p --pid= -q --quiet --cgroup= --procfs= --sysroot= -x --extended -X --extra-extended
            -s --summary -m --modules -S --sections -l --layout --full --at= --contents -C --demangle --debuginfod --frames --frames= -e --explain -t --threads --shared --heap --blocks --leaks --stop --check --check= --severity= --sarif --pages -d --diff -w --watch --watch= --count= --on-growth= --save= -k --kind= -A --range= --perms= --name= --sort=
            -o --output= --output-all -J --json -r --raw -n --noheadings -b --bytes --color --color= --no-truncate
            --svg
            -H --list-columns -h --help --help= -V --version' -- "$cur")
        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
        return
    fi
    _memmap_targets
} && complete -F _memmap memmap
