import { spawnSync } from "node:child_process";

/** One run, its output read and thrown away: wall seconds. Throws unless it exits with 0. */
function seconds([command, ...args]) {
  const start = process.hrtime.bigint();
  const run = spawnSync("bash", ["-c", 'set -o pipefail; "$0" "$@" | cat >/dev/null', command, ...args], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${command} ${args.join(" ")}: exit status ${run.status}\n${run.stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/**
 * Runs the two commands in turn, so that a slow moment of the machine hits both, and prints the ratio of their times.
 * @param bar the ratio that the project promises
 */
export function compare(name, ours, theirs, bar, runs) {
  seconds(ours);
  seconds(theirs);
  const pairs = Array.from({ length: runs }, () => [seconds(ours), seconds(theirs)]);
  const ratios = pairs.map(([a, b]) => a / b).sort((x, y) => x - y);
  const median = ratios[runs >> 1];
  const range = `${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)} in ${runs} pairs`;
  const times = pairs.map(([a]) => a).sort((x, y) => x - y);
  const verdict = median <= bar ? "kept" : "BROKEN";
  console.log(
    `${name}: ${median.toFixed(2)} (${range}; ours takes ${times[runs >> 1].toFixed(3)} s); bar ${bar}: ${verdict}`,
  );
}

/** Watches a run's peak resident memory, as the kernel counts it (VmHWM of /proc). */
const WATCH = `"$0" "$@" >/dev/null & pid=$!; peak=0
while now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status 2>/dev/null); [ -n "$now" ]; do
  [ "$now" -gt "$peak" ] && peak=$now; sleep 0.02
done
wait $pid && echo $peak`;

/** Prints the peak memory of one run. */
export function peak(name, command, barMiB) {
  const mib = Number(spawnSync("bash", ["-c", WATCH, ...command], { encoding: "utf8" }).stdout) / 1024;
  console.log(`${name}: ${mib.toFixed(0)} MiB; bar ${barMiB}: ${mib > 0 && mib <= barMiB ? "kept" : "BROKEN"}`);
}
