# Completion of ./millrace, for bash; for zsh as well. Made by: ./millrace completion
#
#   source <(./millrace completion)

if [[ -n ${ZSH_VERSION:-} ]]; then
  autoload -U +X compinit && compinit
  autoload -U +X bashcompinit && bashcompinit
fi

# The flags of a command; nothing where there is no such command.
_millrace_flags() {
  case $1 in
@FLAGS@
    # Those of programs of their own; tests hold them to what the programs have.
    benchmark) echo "--compression --flags --help --messages --only --partitions --results --rounds --sinks --slow-messages --version --warm-ups" ;;
    benchmark\ growth) echo "--compression --flags --help --messages --partitions --results --rounds --version --warm-ups" ;;
    benchmark\ decoder) echo "--compression --flags --help --messages --partitions --results --rounds --version --warm-ups" ;;
    benchmark\ start-up) echo "--compression --flags --help --messages --partitions --results --rounds --version --warm-ups" ;;
    benchmark\ cassandra) echo "--compression --flags --help --messages --partitions --results --rounds --rows --version --warm-ups" ;;
    benchmark\ files) echo "--compression --flags --help --large-files --large-rows --messages --partitions --results --rounds --small-files --version --warm-ups" ;;
    benchmark\ views) echo "--compression --flags --help --messages --partitions --results --rounds --version --warm-ups" ;;
    benchmark\ sinks) echo "--batch-changes --batches --compression --flags --help --messages --only --partitions --results --rounds --table-rows --version --warm-ups" ;;
    benchmark\ latency) echo "--compression --flags --help --messages --partitions --rates --results --rounds --seconds --set --sinks --version --warm-up-seconds --warm-ups" ;;
    simulate) echo "--csv --debug --help --jdbc-url --quiet --rate --rows --seed --user" ;;
    simulate\ users) echo "--bootstrap-servers --create-topic --debug --help --malformed --quiet --rate --rows --seed --topic" ;;
    simulate\ songs) echo "--bootstrap-servers --create-topic --debug --help --name --quiet --rows --seed --songs --songs-per-minute --topic --unknown" ;;
    simulate\ files) echo "--debug --files --help --of --quiet --rate --rows-per-file --seed --to" ;;
    stack) echo "--debug --help" ;;
    stack\ up) echo "--cassandra --cassandra-port --connect-port --data --debug --foreground --free-ports --help --kafka-port --postgres-port" ;;
    stack\ status) echo "--data --debug --help" ;;
    stack\ down) echo "--data --debug --help" ;;
    sql) echo "--data --debug --help --max-rows --view" ;;
    cql) echo "--data --debug --help --max-rows" ;;
    report) echo "--debug --help" ;;
    report\ songs) echo "--data --debug --from --help --name" ;;
    kafka) echo "--debug --help" ;;
    demo) echo "--debug --for --help --rate --rows --seed --sink" ;;
  esac
}

# The commands below a command, or what it takes as its first word.
_millrace_words() {
  case $1 in
    benchmark) echo "cassandra decoder files growth latency sinks start-up views" ;;
    simulate) echo "files songs users" ;;
    stack) echo "down status up" ;;
    report) echo "songs" ;;
    demo) echo "cassandra-export files interval rides songs users" ;;
    kafka)
      echo "topics console-producer console-consumer consumer-groups configs get-offsets delete-records transactions \
        log-dirs metadata-quorum"
      ;;
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
    COMPREPLY=($(compgen -W "@COMMANDS@ stack simulate sql cql report kafka demo benchmark completion --help --version" -- "$word"))
    return
  fi
  for each in "${COMP_WORDS[@]:2}"; do
    [[ $each == *.yaml || $each == *.yml ]] && pipeline=$each && break
  done
  case $before in
    --sink) COMPREPLY=($(compgen -W "@SINKS@" -- "$word")) && return ;;
    --output) COMPREPLY=($(compgen -W "$(_millrace_outputs "$pipeline")" -- "$word")) && return ;;
    --code) COMPREPLY=($(compgen -W "@CODES@" -- "$word")) && return ;;
    --checkpoints | --data | --folder | --results) COMPREPLY=($(compgen -d -- "$word")) && return ;;
    --export | --view) COMPREPLY=($(compgen -f -- "$word")) && return ;;
    --set | --limit | --column | -n | --messages) return ;;
  esac
  if [[ $word == -* ]]; then
    local flags=$(_millrace_flags "$command ${COMP_WORDS[2]:-}")
    COMPREPLY=($(compgen -W "${flags:-$(_millrace_flags "$command")}" -- "$word"))
    return
  fi
  case $command in
    @PIPED@)
      if [[ -z $pipeline || $pipeline == "$word" ]]; then
        COMPREPLY=($(compgen -f -X '!*.y?(a)ml' -- "$word") $(compgen -d -S / -- "$word"))
        # A folder is on the way to a file: no space after it.
        [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi
      ;;
    *) ((COMP_CWORD == 2)) && COMPREPLY=($(compgen -W "$(_millrace_words "$command")" -- "$word")) ;;
  esac
  return 0
}

shopt -s extglob 2>/dev/null || true
complete -F _millrace millrace ./millrace
