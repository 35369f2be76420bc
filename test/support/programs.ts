import { spawnSync } from "node:child_process";

/** Whether this machine has a program: what judges a thing only where it is installed (.ci/programs). */
export const has = (program: string): boolean =>
  spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
