// What a thread that helps runs.
import { load } from "./load.js";

load("helper.cjs");
