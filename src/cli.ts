import { setFlagsFromString } from "node:v8";
import { processIo } from "./io.js";
import { main } from "./program.js";

// Each kind of event has its own function, and all call the same few writers: with these inlined everywhere, the
// compiler takes longer than the events do. It holds for the whole process: so it is said where the process begins.
setFlagsFromString("--max-inlined-bytecode-size=60");

// exitCode, never exit(): what is still in the pipe must get out.
process.exitCode = await main(process.argv.slice(2), processIo());
