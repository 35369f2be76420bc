import { afterAll, expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { groupsOf } from "../../src/spec/spec.js";
import { commandLines, FORMATS, scratchFolder } from "../support/command-lines.js";
import { rbtool } from "../support/run.js";

const IMAGE = "fixtures/dumps/v7.3-read/image.bin.gz";
const folder = scratchFolder();
afterAll(() => folder.remove());

/** Values that are nowhere, by the option that takes them, and what is said. */
const NOWHERE: readonly (readonly [option: string, value: string, said: RegExp])[] = [
  ["--event <glob>", "sched_swich", /no event is called sched_swich \(did you mean sched_switch\?\)/],
  ["--event <A..B>", "sched_swich..sched_wakeup", /no event is called sched_swich \(did you mean sched_switch\?\)/],
  ["--filter <expr>", "prev_sate == 1", /no event has a field prev_sate \(did you mean prev_state\?\)/],
  ["--comm <glob>", "innit", /no event belongs to a task called innit \(did you mean init\?\)/],
  ["--follow <pid>", "99999", /no event belongs to task 99999 or names it: there are \d+ tasks/],
  ["--function <glob>", "do_sysopen", /no event is of the function graph/],
  ["--pid <list>", "99999", /no event belongs to task 99999: there are \d+ tasks/],
  ["--cpu <list>", "7", /CPUs 0 to 1, not 7/],
];

for (const [name, words] of commandLines(folder.path))
  test(`${name}: a name that is nowhere is an error, and what does not occur is said`, async () => {
    const spec = await COMMANDS.find((command) => command.name === name)!.load();
    const flags = groupsOf(spec).flatMap(({ options }) => options.map((option) => option.flags));
    const takesFormats = flags.includes("--events <path>");
    const line = [
      ...words
        .filter((word) => word !== "--no-live" && word !== "--events" && word !== FORMATS)
        .map((word) => (word.endsWith("image.bin.gz") ? IMAGE : word)),
      ...(takesFormats ? ["--events", FORMATS] : []),
    ];
    const known = NOWHERE.filter(([option]) => flags.includes(option));
    expect.assertions(2 * known.length + (flags.includes("--event <glob>") ? 1 : 0));
    for (const [option, value, said] of known) {
      const { status, stderr } = await rbtool([...line, option.split(" ")[0]!, value]);
      expect({ option, status }).toEqual({ option, status: 2 });
      expect(stderr).toMatch(said);
    }
    if (!flags.includes("--event <glob>")) return;
    const { stderr } = await rbtool([...line, "--event", "xdp_exception"]);
    expect(stderr).toMatch(/^rbtool: 0 of 10460 events match$/m);
  });

test("of several tasks, those that are not there are named", async () => {
  const events = (...words: string[]) => rbtool(["events", "--events", FORMATS, "--head", "1", ...words, IMAGE]);
  expect((await events("--pid", "1,99999")).stderr).toBe("rbtool: no event belongs to task 99999\n");
  expect((await events("--comm", "init,innit")).stderr).toMatch(/no event belongs to a task called innit/);
});

test.each([
  ["shed_*", "sched_*"],
  ["*_swich", "*_switch"],
])("what is proposed for %s is a glob that names events: %s", async (glob, meant) => {
  const { status, stderr } = await rbtool(["events", "--events", FORMATS, "--event", glob, IMAGE]);
  const why = `no event is called ${glob} (did you mean ${meant}?)`;
  expect({ status, stderr }).toEqual({ status: 2, stderr: `rbtool: --event: ${why}\n` });
});

test("the fields of latency's --key are those of both events", async () => {
  const latency = (...words: string[]) => rbtool(["latency", "--events", FORMATS, "--event", ...words, IMAGE]);
  const wrong = await latency("sched_switch..sched_wakeup", "--key", "prev_pdi");
  expect(wrong).toMatchObject({ status: 2, stdout: "" });
  expect(wrong.stderr).toMatch(/sched_switch has no field prev_pdi \(did you mean prev_pid\?\)/);
  expect((await latency("sched_waking..sched_wakeup", "--key", "pid")).status).toBe(0);
});

test("page without a sub-buffer says what is missing, before it reads standard input", async () => {
  const { status, stderr } = await rbtool(["page", IMAGE]);
  expect(status).toBe(2);
  expect(stderr).toContain("name a sub-buffer as CPU:ID or CPU:@INDEX");
  expect((await rbtool(["page", "0:3", IMAGE])).stderr).toMatch(/like 0:3 or 0:@27, behind the image$/m);
});

test("of a glob the misspelt part is mended, and its system", async () => {
  const said = async (glob: string) => (await rbtool(["events", "--events", FORMATS, "--event", glob, IMAGE])).stderr;
  expect(await said("*switsh*")).toMatch(/called \*switsh\* \(did you mean \*switch\*\?\)/);
  expect(await said("sched:*switsh*")).toMatch(/\(did you mean sched:\*switch\*\?\)/);
  expect(await said("shced:*")).toMatch(/\(did you mean sched:\*\?\)/);
  expect(await said("xzzzzq*")).toMatch(/called xzzzzq\*$/m);
});

test("a field must be one of the events that are asked for", async () => {
  const asked = (event: string, filter: string) =>
    rbtool(["events", "--events", FORMATS, "--event", event, "--filter", filter, IMAGE]);
  const other = await asked("sched_switch", "runtime > 1");
  expect(other).toMatchObject({ status: 2, stdout: "" });
  expect(other.stderr).toMatch(/sched_switch has no field runtime$/m);
  expect((await asked("sched_w*", "prev_pid == 1")).stderr).toMatch(/none of these events has a field prev_pid/);
  expect((await asked("sched:*", "prev_pid == 1")).status).toBe(0);
});

test("the name of an export's format that is misspelt", async () => {
  expect((await rbtool(["export", "--to", "cvs", IMAGE])).stderr).toMatch(/no format cvs \(did you mean csv\?\)/);
});

test("a task that events name only can be followed", async () => {
  const { status, stderr } = await rbtool(["events", "--events", FORMATS, "--follow", "128", IMAGE]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("a comparison that no event's fields allow is told before anything is written", async () => {
  const asked = (filter: string, ...words: string[]) =>
    rbtool(["events", "--events", FORMATS, ...words, "--filter", filter, IMAGE]);
  const wrong = await asked('prev_pid == "a"');
  expect(wrong).toMatchObject({ status: 2, stdout: "" });
  expect(wrong.stderr).toBe('rbtool: --filter: prev_pid is a number; "a" is not\n');
  expect(await asked("comm > 3")).toMatchObject({ status: 2, stdout: "" });
  // Neither field is unknown, and yet nothing can match.
  expect((await asked("prev_pid == 1 && runtime > 1")).stderr).toMatch(
    /no event has all of the fields prev_pid, runtime/,
  );
});

test("events whose field of that name is of another type are not shown, as those without it", async () => {
  // `filename` is a pointer in system calls, and a string in sched_process_exec, which occurs.
  const { status, stderr } = await rbtool(["events", "--events", FORMATS, "--filter", "filename > 3", IMAGE]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "rbtool: 0 of 10460 events match\n" });
});

test("an order of modules that nothing uses is refused", async () => {
  const order = (file: string) => rbtool(["events", "--events", FORMATS, "--module-order", file, IMAGE]);
  expect(await order("nothing.txt")).toMatchObject({ status: 2, stdout: "" });
  expect((await order("package.json")).stderr).toMatch(/--module-order: .* name the kernel's package/);
});

test("files about the kernel beside the image: which option names them is said, where there is one", async () => {
  expect((await rbtool(["events", IMAGE, FORMATS])).stderr).toMatch(
    /^rbtool: too many arguments, \[image\] is all it takes: .*events\.tar\.gz \(files about the writing kernel are named with --system\); see `rbtool events -h`$/m,
  );
  expect((await rbtool(["locate", IMAGE, FORMATS])).stderr).not.toContain("--system");
});

test("where no event lies in the times that were asked for, those that there are are told", async () => {
  const asked = async (...words: string[]) => (await rbtool(["events", "--events", FORMATS, ...words, IMAGE])).stderr;
  const told = "rbtool: 0 of 10460 events match; the trace goes from 5.503700 to 7.103588\n";
  expect(await asked("--since", "100")).toBe(told);
  expect(await asked("--until", "1")).toBe(told);
  expect(await asked("--since", "7", "--until", "6")).toBe(told);
  const line = ["timeline", "--events", FORMATS, "--width", "4"];
  expect(await rbtool([...line, "--since", "100", "--until", "101", IMAGE])).toMatchObject({
    status: 2,
    stderr: "rbtool: --since: nothing is left: the trace ends at 7.103588\n",
  });
  // Behind the end nobody runs.
  const toTheEnd = await rbtool([...line, IMAGE]);
  expect((await rbtool([...line, "--until", "100", IMAGE])).stdout).toBe(toTheEnd.stdout);
});

test("of a trace without events any times can be asked for", async () => {
  const asked = await rbtool(["timeline", "--since", "3", "--until", "5", "fixtures/dumps/v7.3-empty/image.bin.gz"]);
  expect(asked).toMatchObject({ status: 0, stdout: "no events\n" });
});
