import { type CommandEntry, type CommandSpec, type Completes, flagsOf, groupsOf, type OptionSpec } from "./spec.js";

/** A command with all that a shell offers for it. */
export interface Completed {
  readonly entry: CommandEntry;
  readonly spec: CommandSpec;
}

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes command lines: nothing of rbtool runs while a person types. */
export function completionScript(shell: Shell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

const optionsOf = ({ spec }: Completed): readonly OptionSpec[] => groupsOf(spec).flatMap(({ options }) => options);

const names = (option: OptionSpec): string[] => {
  const { short, long } = flagsOf(option);
  return [...(short === undefined ? [] : [short]), long];
};

const takesValue = (option: OptionSpec): boolean => flagsOf(option).value !== undefined;

/** What is offered for a value: its choices, or by its kind. */
const offered = ({ choices, completes }: OptionSpec): readonly string[] | Completes =>
  choices ?? completes ?? "nothing";

/** Choices of the first argument; undefined where it is a file or nothing that can be offered. */
const wordsOf = ({ spec }: Completed): readonly string[] | undefined => spec.arguments[0]?.choices;
const takesFiles = ({ spec }: Completed): boolean => spec.arguments.some(({ completes }) => completes === "file");

/** Events of a collection, unpacked or a copy of events/, that --system or --events names: a look into two directories. */
const EVENTS_IN = "events/*/*/format and */*/format";

/** What a command completes: a value behind an option that takes one, an option, an argument. */
function bashCase(command: Completed): string {
  const values = optionsOf(command)
    .filter(takesValue)
    .map((option) => {
      const offer = offered(option);
      const reply =
        typeof offer !== "string"
          ? `COMPREPLY=($(compgen -W '${offer.join(" ")}' -- "$cur"))`
          : {
              file: "compopt -o default",
              directory: 'COMPREPLY=($(compgen -d -- "$cur"))',
              event: "_rbtool_events",
              nothing: ":",
            }[offer];
      return `        ${names(option).join("|")}) ${reply}; return ;;\n`;
    });
  const options = optionsOf(command).flatMap(names).join(" ");
  const words = wordsOf(command);
  const rest = words
    ? `COMPREPLY=($(compgen -W '${words.join(" ")}' -- "$cur"))`
    : takesFiles(command)
      ? "compopt -o default"
      : ":";
  return `    ${command.entry.name})
      case $prev in
${values.join("")}      esac
      case $cur in
        -*) COMPREPLY=($(compgen -W '${options} --help' -- "$cur")) ;;
        *) ${rest} ;;
      esac ;;
`;
}

function bash(commands: readonly Completed[]): string {
  const list = commands.map(({ entry }) => entry.name).join(" ");
  return `# bash completion for rbtool: source it, or put it where bash-completion looks.
# shellcheck shell=bash disable=SC2207

# Names of events, from ${EVENTS_IN} under what --system or --events names.
_rbtool_events() {
  local i file names=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --system | --events)
        for file in "\${COMP_WORDS[i + 1]}"/events/*/*/format "\${COMP_WORDS[i + 1]}"/*/*/format; do
          [[ -e $file ]] || continue
          file=\${file%/format}
          names+=" \${file##*/}"
        done ;;
    esac
  done
  COMPREPLY=($(compgen -W "$names" -- "$cur"))
}

_rbtool() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${list} help --help --version' -- "$cur"))
    compopt -o default
    return
  fi
  case \${COMP_WORDS[1]} in
    help) COMPREPLY=($(compgen -W '${list}' -- "$cur")) ;;
${commands.map(bashCase).join("")}  esac
}
complete -F _rbtool rbtool
`;
}

/** A text inside single quotes of a zsh spec: colons and brackets mean something there. */
const zshText = (text: string): string =>
  firstPart(text)
    .replaceAll("'", "'\\''")
    .replace(/[[\]:]/g, "\\$&");

function zsh(commands: readonly Completed[]): string {
  const functions = commands.map((command) => {
    const lines = optionsOf(command).map((option) => {
      const { short, long, value } = flagsOf(option);
      const offer = offered(option);
      const action =
        typeof offer !== "string"
          ? `(${offer.join(" ")})`
          : { file: "_files", directory: "_files -/", event: "_rbtool_events", nothing: " " }[offer];
      const argument = value === undefined ? "" : `:${value.replace(/[<>[\]]/g, "")}:${action}`;
      const spec = `[${zshText(option.about)}]${argument}`;
      return short === undefined ? `    '*${long}${spec}'` : `    '*'{${short},${long}}'${spec}'`;
    });
    const words = wordsOf(command);
    const rest = words ? `'*:word:(${words.join(" ")})'` : takesFiles(command) ? "'*:file:_files'" : "'*: :'";
    return `_rbtool_${command.entry.name.replaceAll("-", "_")}() {
  _arguments -S \\
${[...lines, "    '(-h --help)'{-h,--help}'[what the command does]'", `    ${rest}`].join(" \\\n")}
}
`;
  });
  return `#compdef rbtool
# zsh completion for rbtool: put it into a directory of $fpath as _rbtool.

# Names of events, from ${EVENTS_IN} under what --system or --events names.
_rbtool_events() {
  local -a names
  local i
  for ((i = 1; i < CURRENT; i++)); do
    if [[ $words[i] == --system || $words[i] == --events ]]; then
      names+=($words[i+1]/events/*/*/format(N:h:t) $words[i+1]/*/*/format(N:h:t))
    fi
  done
  compadd -a names
}

${functions.join("\n")}
_rbtool() {
  local -a commands=(
${commands.map(({ entry }) => `    '${entry.name}:${zshText(entry.about).replaceAll("\\:", ":").replaceAll(":", "\\:")}'`).join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _files
    return
  fi
  local command=$words[2]
  if [[ $command == help ]]; then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  (($+functions[_rbtool_\${command//-/_}])) && _rbtool_\${command//-/_}
}

if [[ $funcstack[1] == _rbtool ]]; then _rbtool "$@"; else compdef _rbtool rbtool; fi
`;
}

const fishText = (text: string): string => `'${firstPart(text).replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fish(commands: readonly Completed[]): string {
  const list = commands.map(({ entry }) => entry.name).join(" ");
  const lines = commands.flatMap((command) => {
    const { entry } = command;
    const seen = `-n '__fish_seen_subcommand_from ${entry.name}'`;
    const words = wordsOf(command);
    return [
      `complete -c rbtool -n "not __fish_seen_subcommand_from $__rbtool_commands" -a ${entry.name} -d ${fishText(entry.about)}`,
      ...(words ? [`complete -c rbtool ${seen} -f -a '${words.join(" ")}'`] : []),
      ...(!words && !takesFiles(command) ? [`complete -c rbtool ${seen} -f`] : []),
      ...optionsOf(command).map((option) => {
        const { short, name, value } = flagsOf(option);
        const offer = offered(option);
        const argument =
          value === undefined
            ? ""
            : typeof offer !== "string"
              ? ` -x -a '${offer.join(" ")}'`
              : {
                  file: " -r -F",
                  directory: " -x -a '(__fish_complete_directories)'",
                  event: " -x -a '(__rbtool_events)'",
                  nothing: " -x",
                }[offer];
        return `complete -c rbtool ${seen}${short === undefined ? "" : ` -s ${short.slice(1)}`} -l ${name}${argument} -d ${fishText(option.about)}`;
      }),
    ];
  });
  return `# fish completion for rbtool: put it into ~/.config/fish/completions as rbtool.fish.
set -g __rbtool_commands ${list} help

# Names of events, from ${EVENTS_IN} under what --system or --events names.
function __rbtool_events
    set -l words (commandline -opc)
    for i in (seq (count $words))
        if contains -- $words[$i] --system --events
            for file in $words[(math $i + 1)]/events/*/*/format $words[(math $i + 1)]/*/*/format
                basename (dirname $file)
            end
        end
    end
end

complete -c rbtool -n "not __fish_seen_subcommand_from $__rbtool_commands" -a help -d 'what a command does'
complete -c rbtool -n '__fish_seen_subcommand_from help' -f -a '${list}'
complete -c rbtool -s h -l help -d 'what the command does'
${lines.join("\n")}
`;
}

/**
 * What stands in a menu beside a name: up to the first colon, semicolon or bracket. A condition (`with --steps:`), a release
 * (`6.12 to 6.14:`) or a path in front says too little by itself.
 */
function firstPart(text: string): string {
  const [, front, rest] = /^(with [^:]*|[\d.]+ to [\d.]+|\/[^:;]*): (.*)$/.exec(text) ?? [];
  const part = (rest ?? text).split(/[:;(]/)[0]!.trim();
  return front === undefined ? part : `${front}: ${part}`;
}
