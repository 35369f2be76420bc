import { processIo } from "./io.js";
import { main } from "./program.js";

// exitCode, never exit(): what is still in the pipe must get out. No await: the single executable is a script, not a module.
main(process.argv.slice(2), processIo()).then((status) => {
  process.exitCode = status;
});
