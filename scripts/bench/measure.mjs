import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

/** A command that writes a file, which is not there before each run: to replace one takes longer. */
export function writing(file, command) {
  return Object.assign([...command], { file });
}

/** One run, its output read and thrown away: wall seconds. Throws unless it exits with 0. */
function seconds(what) {
  const [command, ...args] = what;
  if (what.file !== undefined) rmSync(what.file, { force: true });
  const start = process.hrtime.bigint();
  const run = spawnSync("bash", ["-c", 'set -o pipefail; "$0" "$@" | cat >/dev/null', command, ...args], {
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${command} ${args.join(" ")}: exit status ${run.status}\n${run.stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** @param bar undefined where nothing is promised */
function verdict(ratio, bar) {
  return bar === undefined ? "no bar" : `bar ${bar}: ${ratio <= bar ? "kept" : "BROKEN"}`;
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
  console.log(
    `${name}: ${median.toFixed(2)} (${range}; ours takes ${times[runs >> 1].toFixed(3)} s); ${verdict(median, bar)}`,
  );
}

/**
 * The same for what a gigabyte more takes, so that starting counts for neither: each is given as a run over a large file
 * and one over a small file of the same kind.
 */
export function compareGrowth(name, { ours, theirs, bar, runs }) {
  const grown = ([large, small]) => seconds(large) - seconds(small);
  grown(ours);
  const ratios = Array.from({ length: runs }, () => grown(ours) / grown(theirs)).sort((x, y) => x - y);
  const median = ratios[runs >> 1];
  const range = `${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)} in ${runs} pairs`;
  console.log(`${name}: ${median.toFixed(2)} (${range}); ${verdict(median, bar)}`);
}

/** One run straight to /dev/null, as a person would time it. */
function secondsToNull([command, ...args]) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync("bash", ["-c", 'exec "$0" "$@" >/dev/null', command, ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit status ${status}\n${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/**
 * Prints at which share of another program's rate ours goes through a file. Starting Node takes as long as reading a GiB from
 * the page cache: `idle` is the same command with next to nothing to do, and is taken off.
 */
export function rate(name, { ours, idle, theirs, bytes }, bar, runs) {
  for (const command of [ours, idle, theirs]) secondsToNull(command);
  const rounds = Array.from({ length: runs }, () => [ours, idle, theirs].map(secondsToNull));
  const middle = (values) => values.sort((x, y) => x - y)[runs >> 1];
  const share = middle(rounds.map(([a, start, b]) => b / (a - start)));
  const whole = middle(rounds.map(([a, , b]) => b / a));
  const gib = middle(rounds.map(([a, start]) => bytes / 2 ** 30 / (a - start)));
  const verdict = share >= bar ? "kept" : "BROKEN";
  console.log(
    `${name}: ${(100 * share).toFixed(0)} % (${gib.toFixed(1)} GiB/s; ${(100 * whole).toFixed(0)} % with the start of node); bar ${100 * bar} %: ${verdict}`,
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
