// What bin/rbtool.js runs.
import { keepCompiled, load } from "./load.js";

process.on("exit", keepCompiled);
load("cli.cjs");
