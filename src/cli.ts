import { compilersDone } from "./compilers.js";
import { processIo } from "./io.js";
import { bug, main } from "./program.js";

const words = process.argv.slice(2);
const io = processIo();

// What is thrown where nobody waits for it would end in Node's own status, 1, which means findings.
process.on("uncaughtException", (error) => {
  process.exit(bug(error, words, io));
});

// exitCode, never exit(): what is still in the pipe must get out. No await: the single executable is a script, not a module.
main(words, io).then((status) => {
  process.exitCode = status;
  return compilersDone();
});
