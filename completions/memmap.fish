# SPDX-License-Identifier: MIT
# fish completion for memmap(1)

function __memmap_kinds
    printf '%s\t%s\n' \
        text 'Machine code of an ELF module' \
        rodata 'Its read-only data' \
        relro 'Its data that is made read-only once relocated' \
        data 'Its initialised writable data' \
        bss 'Its zero-initialised writable data' \
        heap 'The brk heap, and recognised malloc arenas' \
        stack 'Stacks of threads' \
        guard 'Inaccessible pages that protect a neighbour' \
        anon 'Other private anonymous memory' \
        jit 'Executable memory that comes from no file' \
        shm 'Shared memory' \
        file 'A file mapped as plain data' \
        device 'Memory of a device or driver' \
        vdso 'What the kernel maps into every process' \
        reserved 'Address space with no access and no other meaning'
end

# The columns of the view that the words before this option select, as the program itself lists them.
function __memmap_columns
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l program (string replace --regex '^~/' "$HOME/" -- $words[1])
    # The option itself has no argument yet.
    set words[-1] (string replace --regex '^--(?:output|sort)$|^(-[^-]*)o$' '$1' -- $words[-1])
    command --query $program; or return
    $program --list-columns $words[2..] 2>/dev/null | string replace --regex ' +' \t
end

# The checks of --check, as the program itself lists them.
function __memmap_checks
    set -l program (string replace --regex '^~/' "$HOME/" -- (commandline --current-process --tokenize)[1])
    command --query $program; or return
    $program --help=checks 2>/dev/null | string replace --regex ' +' \t
end

# Each line that $argv prints, after the items that the list at the cursor already has, and without these items. A
# list may begin with + or -.
function __memmap_list
    set -l list (commandline --current-token --cut-at-cursor | string replace --regex '^--[^=]*=|^-[kop]' '')
    set -l before (string match --regex '^.*,-?|^[+-]' -- $list)
    set -l there (string split , -- (string upper -- $before) | string trim --chars=+-)
    for line in ($argv)
        contains -- (string upper -- (string split \t -- $line)[1]) $there; or echo -- "$before$line"
    end
end

# PIDs, except those of kernel threads, which have no memory.
function __memmap_pids
    ps -eo pid=,vsz=,comm= | string replace --filter --regex '^ *(\d+) +[1-9]\d* +(.*)$' '$1\t$2'
end

# Names, except those with a slash, which would be taken for files.
function __memmap_names
    ps -eo vsz=,comm= | string replace --filter --regex '^ *[1-9]\d* +' '' | string match --invert '*/*' |
        sort | uniq -c | string replace --filter --regex '^ *(\d+) (.*)$' '$2\t$1 of this name'
end

# The threads of the processes that are named by PID, or else of all.
function __memmap_threads
    set -l pids (commandline --current-process --tokenize | string match --regex '^\d+$')
    set -l which -e
    set --query pids[1]; and set which -p (string join , -- $pids)
    ps $which -Lo tid=,vsz=,comm= | string replace --filter --regex '^ *(\d+) +[1-9]\d* +(.*)$' '$1\t$2'
end

complete -c memmap -f
complete -c memmap -a '(__memmap_pids)'
complete -c memmap -a '(__memmap_names)'
complete -c memmap -n 'string match --quiet "*/*" -- (commandline --current-token)' -F

complete -c memmap -s u -l user -x -a '(__fish_complete_users)' -d 'Of processes found by name or with --all, only this user\'s'
complete -c memmap -s p -l pid -x -a '(__memmap_list __memmap_pids)' -d 'These processes, by PID'
complete -c memmap -l cgroup -x -d 'With --all, only processes of cgroups that match'
complete -c memmap -l procfs -x -a '(__fish_complete_directories)' -d 'Read processes below a directory, not /proc'
complete -c memmap -l sysroot -x -a '(__fish_complete_directories)' -d 'Look for the files that a core file names below a directory'

complete -c memmap -s x -l extended -d 'Also RSS, PSS, DIRTY and SWAP'
complete -c memmap -s X -l extra-extended -d 'Also every figure the kernel gives'
complete -c memmap -s a -l all -d 'All processes: a row a process, or another view of each'
complete -c memmap -l openmetrics -d 'Print metrics for Prometheus'
complete -c memmap -l folded -d 'Print lines for flame-graph tools'
complete -c memmap -l svg -d 'Print a picture, an SVG document'
complete -c memmap -l output-file -r -F -d 'Write to a file, replacing it in one step'
complete -c memmap -l group -x -a 'command user cgroup container' -d 'With --all, a row a command, user, cgroup or container'
complete -c memmap -s s -l summary -d 'A row a kind, costs to the kernel, and limits'
complete -c memmap -s m -l modules -d 'A row a program or library'
complete -c memmap -s S -l sections -d 'A row an ELF section or other region'
complete -c memmap -s l -l layout -d 'A picture of the address space, low to high'
complete -c memmap -l full -d 'With --layout, a line for each region'
complete -c memmap -l contents -d 'With --at, also the first bytes of a malloc block'
complete -c memmap -l at -x -d 'What is at an address or symbol'
complete -c memmap -s C -l demangle -d 'Make C++ and Rust names readable'
complete -c memmap -l debuginfod -d 'Ask servers for debug files'
complete -c memmap -s e -l explain -d 'Say of each row in a sentence what it is'
complete -c memmap -s t -l threads -d 'A row a thread, with its stack'
complete -c memmap -l frames -a '(__memmap_threads)' -d 'Stop a thread for a moment, and show its frames'
complete -c memmap -l shared -d 'What other processes map too, and who may write it'
complete -c memmap -l heap -d 'What the heap of malloc holds, a row an arena'
complete -c memmap -l check -a '(__memmap_list __memmap_checks)' -d 'What is bad for security, a row a finding'
complete -c memmap -l severity -x -a 'note warning error' -d 'With --check, only what is as bad as this'
complete -c memmap -l sarif -d 'With --check, print SARIF'
complete -c memmap -l leaks -d 'Blocks of the heap that nothing leads to'
complete -c memmap -l stop -d 'With --heap, --blocks and --leaks, stop all threads meanwhile'
complete -c memmap -l blocks -d 'The blocks of malloc in use, by C++ class and size'
complete -c memmap -l pages -d 'The state of the pages, with --range or --kind'
complete -c memmap -s d -l diff -d 'What differs between two targets'
complete -c memmap -s w -l watch -d 'Show the view again and again'
complete -c memmap -l count -x -d 'With --watch, how many times'
complete -c memmap -l on-growth -x -d 'With --watch, save a snapshot when it has grown by this'
complete -c memmap -l save -r -d 'With --on-growth, the file for the snapshot'
complete -c memmap -s k -l kind -x -a '(__memmap_list __memmap_kinds)' -d 'Only these kinds of memory'
complete -c memmap -s A -l range -x -d 'Only what holds an address from LOW to HIGH'
complete -c memmap -l perms -x -d 'Only this access: letters (wx) or places (r-xp)'
complete -c memmap -l name -x -d 'Only names that match'
complete -c memmap -l sort -x -a '(__memmap_list __memmap_columns)' -d 'Sort by columns; with -, from high to low'

complete -c memmap -s o -l output -x -a '(__memmap_list __memmap_columns)' -d 'Show these columns; with +, add them'
complete -c memmap -l output-all -d 'Show all columns'
complete -c memmap -s J -l json -d 'Print JSON'
complete -c memmap -s r -l raw -d 'Print rows for scripts'
complete -c memmap -s n -l noheadings -d 'Print rows alone'
complete -c memmap -s q -l quiet -d 'The same, as in pmap'
complete -c memmap -s b -l bytes -d 'Print sizes in bytes'
complete -c memmap -l color -a 'auto always never' -d 'Colour the kinds'
complete -c memmap -l no-truncate -d 'Do not shorten names'

complete -c memmap -s H -l list-columns -d 'List the columns and exit'
complete -c memmap -s h -l help -a 'columns kinds checks' -d 'Print help and exit'
complete -c memmap -s V -l version -d 'Print the version and exit'
