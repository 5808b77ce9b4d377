// What shells read to complete our command: they ask `chartferry complete` at each press of the key.

/** The shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** The script for a shell; the last line that `chartferry complete` prints begins with a colon and says whether files fit. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]
}

const bash = `# bash completion for chartferry: eval "$(chartferry completion bash)"
_chartferry() {
  local line current=\${COMP_WORDS[COMP_CWORD]} mode='' words=()
  # Readline takes a colon and an equals sign for words of their own.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cword
    _get_comp_words_by_ref -n := -c current -w words -i cword 2>/dev/null || words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
  else
    words=("\${COMP_WORDS[@]}")
    local cword=$COMP_CWORD
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) mode=$line ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <(chartferry complete -- "\${words[@]:1:cword-1}" "$current" 2>/dev/null)
  case $mode in
    *files*) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current"); compopt -o filenames 2>/dev/null ;;
    *folders*) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current"); compopt -o filenames 2>/dev/null ;;
  esac
  case $mode in *open*) compopt -o nospace 2>/dev/null ;; esac
  declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
  return 0
}
complete -F _chartferry chartferry
`

const zsh = `#compdef chartferry
# zsh completion for chartferry: source <(chartferry completion zsh)
_chartferry() {
  local line mode=''
  local -a found
  for line in "\${(@f)$(chartferry complete -- "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :*) mode=$line ;;
      ?*) found+=("$line") ;;
    esac
  done
  if [[ $mode == *open* ]]; then compadd -S '' -a found; else compadd -a found; fi
  case $mode in
    *files*) _files ;;
    *folders*) _files -/ ;;
  esac
}
compdef _chartferry chartferry
`

const fish = `# fish completion for chartferry: chartferry completion fish | source
function __chartferry_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in (chartferry complete -- $words[2..-1] "$current" 2>/dev/null)
    switch $line
      case ':*files*'
        __fish_complete_path "$current"
      case ':*folders*'
        __fish_complete_directories "$current"
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c chartferry -f -a '(__chartferry_complete)'
`
