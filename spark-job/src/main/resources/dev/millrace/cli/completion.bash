# Completion of ./millrace, for bash; for zsh as well. Made by: ./millrace completion
#
#   source <(./millrace completion)

if [[ -n ${ZSH_VERSION:-} ]]; then
  autoload -U +X compinit && compinit
  autoload -U +X bashcompinit && bashcompinit
fi

_millrace_flags() {
  case $1 in
@FLAGS@
    stack\ up) echo "--connect-port --data --debug --foreground --free-ports --help --kafka-port --postgres-port" ;;
    stack\ *) echo "--data --debug --help" ;;
    sql) echo "--data --debug --help --max-rows" ;;
    demo)
      echo "--connect-port --data --debug --for --free-ports --help --kafka-port --postgres-port --rate --rows --seed --sink"
      ;;
    simulate) echo "--debug --help --jdbc-url --quiet --rate --rows --seed --user" ;;
    *) echo "--debug --help" ;;
  esac
}

# The names of the outputs of a pipeline file: the keys one level below 'outputs:'.
_millrace_outputs() {
  [[ -f $1 ]] && sed -n '/^outputs:/,/^[a-zA-Z]/s/^  \([a-z][a-z0-9-]*\):.*/\1/p' "$1"
}

_millrace() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]:-}
  local each pipeline=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "@COMMANDS@ stack simulate sql kafka demo completion --help --version" -- "$word"))
    return
  fi
  for each in "${COMP_WORDS[@]:2}"; do
    [[ $each == *.yaml || $each == *.yml ]] && pipeline=$each && break
  done
  case $before in
    --sink) COMPREPLY=($(compgen -W "@SINKS@" -- "$word")) && return ;;
    --output) COMPREPLY=($(compgen -W "$(_millrace_outputs "$pipeline")" -- "$word")) && return ;;
    --code) COMPREPLY=($(compgen -W "@CODES@" -- "$word")) && return ;;
    --checkpoints | --data) COMPREPLY=($(compgen -d -- "$word")) && return ;;
    --export) COMPREPLY=($(compgen -f -- "$word")) && return ;;
    --set | --limit | --column | -n | --messages) return ;;
  esac
  if [[ $word == -* ]]; then
    [[ $command == stack ]] && command="stack ${COMP_WORDS[2]:-}"
    COMPREPLY=($(compgen -W "$(_millrace_flags "$command")" -- "$word"))
    return
  fi
  case $command in
    stack) ((COMP_CWORD == 2)) && COMPREPLY=($(compgen -W "up status down" -- "$word")) ;;
    kafka)
      ((COMP_CWORD == 2)) && COMPREPLY=($(compgen -W "topics console-producer console-consumer consumer-groups \
        configs get-offsets delete-records transactions log-dirs metadata-quorum" -- "$word"))
      ;;
    @PIPED@)
      if [[ -z $pipeline || $pipeline == "$word" ]]; then
        COMPREPLY=($(compgen -f -X '!*.y?(a)ml' -- "$word") $(compgen -d -S / -- "$word"))
        # A folder is on the way to a file: no space after it.
        [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi
      ;;
  esac
  return 0
}

shopt -s extglob 2>/dev/null || true
complete -F _millrace millrace ./millrace
