import { processIo } from "./io.js";
import { main } from "./program.js";

// exitCode, never exit(): what is still in the pipe must get out.
process.exitCode = await main(process.argv.slice(2), processIo());
