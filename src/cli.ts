import { setFlagsFromString } from "node:v8";
import { COMMANDS } from "./commands/index.js";
import { processIo } from "./io.js";
import { bug, main } from "./program.js";

const words = process.argv.slice(2);

// Each kind of event has its own function, and all call the same few writers: with these inlined everywhere, the compiler
// takes longer than the events do. Node 20's also begins too soon: with four times the usual budget it compiles less of what
// runs once (later ones count in another way, and do not know the flag).
const FLAGS = "--max-inlined-bytecode-size=60";
const NODE_20_FLAGS = `${FLAGS} --interrupt-budget=300000`;

// Not at every start: a changed flag makes all cached code worthless. And here, where nothing has run yet: V8's background
// compiler asks the first flag twice, and ends the process where it changed between.
if (COMMANDS.find(({ name }) => name === words[0])?.readsEvents)
  setFlagsFromString(process.versions.node.startsWith("20.") ? NODE_20_FLAGS : FLAGS);

const io = processIo();

// What is thrown where nobody waits for it would end in Node's own status, 1, which means findings.
process.on("uncaughtException", (error) => {
  process.exit(bug(error, words, io));
});

// exitCode, never exit(): what is still in the pipe must get out. No await: the single executable is a script, not a module.
main(words, io).then((status) => {
  process.exitCode = status;
});
