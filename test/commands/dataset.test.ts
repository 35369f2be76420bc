import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeEach, expect, test } from "@jest/globals";
import { askDuckDb } from "../support/duckdb.js";
import { rbtool } from "../support/run.js";
import { schemaOf } from "../support/schema.js";

const PROGRAM = resolve("bin/rbtool.js");
const KERNEL = resolve("fixtures/kernels/7.3.4+deb13-cloud-amd64/events.tar.gz");

let work = "";
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "rbtool-dataset-"));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Images as a fleet leaves them: a folder a machine, a file a crash. */
function fleet(...files: readonly (readonly [name: string, dump: string])[]): string[] {
  return files.map(([name, dump]) => {
    const path = join(work, name);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(`fixtures/dumps/${dump}/image.bin.gz`, path);
    return path;
  });
}

interface Report {
  readonly events: number;
  readonly written: readonly { readonly host: string; readonly boot: string; readonly events: number }[];
  readonly there: readonly { readonly image: string }[];
  readonly failed: readonly { readonly image: string; readonly message: string }[];
}

async function exportFleet(
  images: readonly string[],
  ...more: readonly string[]
): Promise<Report & { status: number; stderr: string }> {
  const { status, stdout, stderr } = await rbtool([
    ...["export", "--to", "parquet", "--dataset", join(work, "table"), "--events", KERNEL, "--json"],
    ...more,
    ...images,
  ]);
  const report = JSON.parse(stdout) as Report;
  expect(schemaOf("dataset")(report)).toEqual([]);
  return { ...report, status, stderr };
}

test("a file an image; what is there stays, what failed is listed and tried again", async () => {
  const images = fleet(["web-1/b1.bin.gz", "v7.3-few"], ["web-2/b1.bin.gz", "v7.3-read"], ["web-2/b1.gz", "v7.3-few"]);
  const bad = join(work, "web-1/bad.bin");
  writeFileSync(bad, "no image");
  const first = await exportFleet([...images, bad]);
  expect(first.written.map(({ host, boot, events }) => [host, boot, events])).toEqual([
    ["web-1", "b1", 3],
    ["web-2", "b1", 10460],
  ]);
  expect(first.failed.map(({ image, message }) => [image, message.split(":")[0]])).toEqual([
    [images[2], `its host and boot are those of ${images[1]}`],
    [bad, "no persistent trace buffer"],
  ]);
  expect([first.status, first.events]).toEqual([2, 10463]);
  expect(first.stderr).toContain(`rbtool: ${bad}: no persistent trace buffer`);
  expect(readdirSync(join(work, "table/host=web-1"))).toEqual(["boot=b1"]);
  copyFileSync("fixtures/dumps/v7.3-few/image.bin.gz", bad);
  const second = await exportFleet([images[0]!, images[1]!, bad]);
  expect([second.status, second.there.length, second.written.map(({ boot }) => boot)]).toEqual([0, 2, ["bad"]]);
  const rows = await askDuckDb(
    `select host, boot, count(*)::int from read_parquet('${work}/table/**/*.parquet', hive_partitioning = true) group by all order by all`,
  );
  expect(rows).toEqual([
    ["web-1", "b1", 3],
    ["web-1", "bad", 3],
    ["web-2", "b1", 10460],
  ]);
});

test("names of folders are escaped as Hive escapes them, and read back", async () => {
  const images = fleet(["rack 1=a/crash:2.bin.gz", "v7.3-few"]);
  await exportFleet(images);
  expect(readdirSync(join(work, "table"))).toEqual(["host=rack%201%3Da"]);
  const rows = await askDuckDb(
    `select distinct host, boot from read_parquet('${work}/table/**/*.parquet', hive_partitioning = true)`,
  );
  expect(rows).toEqual([["rack 1=a", "crash:2"]]);
});

test("the pool is of processes of their own", async () => {
  const images = fleet(["a/1.bin.gz", "v7.3-few"], ["b/1.bin.gz", "v7.3-few"], ["c/1.bin.gz", "v7.3-few"]);
  const out = execFileSync(
    process.execPath,
    [
      PROGRAM,
      "export",
      "--to",
      "parquet",
      "--no-live",
      "--json",
      "--jobs",
      "2",
      "--dataset",
      join(work, "table"),
      ...images,
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  const report = JSON.parse(out) as Report;
  expect([report.events, report.written.length, report.failed]).toEqual([9, 3, []]);
});

const PARALLEL = spawnSync("parallel", ["--version"]).status === 0;
if (!PARALLEL)
  process.stderr.write("\n*** SKIPPED: no GNU parallel: docs/fleet.md's line is not run (.ci/programs) ***\n\n");

(PARALLEL ? test : test.skip)("GNU parallel spreads a fleet over hosts, as docs/fleet.md says", async () => {
  const images = fleet(
    ["a/1.bin.gz", "v7.3-few"],
    ["b/1.bin.gz", "v7.3-few"],
    ["c/1.bin.gz", "v7.3-read"],
    ["d/1.bin.gz", "v7.3-few"],
  );
  // Two hosts that are this machine: what would log in there runs the command here.
  const ssh = join(work, "ssh");
  writeFileSync(
    ssh,
    `#!/usr/bin/env bash\necho "$1" >>"${work}/hosts"\nshift\n[ "$1" = -- ] && shift\nexec bash -c "$*"\n`,
  );
  chmodSync(ssh, 0o755);
  const line = /^ls .*\| parallel (.*)$/m.exec(readFileSync("docs/fleet.md", "utf8"))![1]!;
  const command = line
    .replace("--sshlogin web-ops-1,web-ops-2", `--ssh ${ssh} --sshlogin 1/web-ops-1,1/web-ops-2`)
    .replace("rbtool export", `${process.execPath} ${PROGRAM} export --no-live`)
    .replace("/srv/table", join(work, "table"))
    .replace("--system build.tar.gz", `--events ${KERNEL}`);
  // A host's login shell runs the command: GNU parallel takes it from SHELL, which may be anything where this test runs.
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `parallel --will-cite ${command}`], {
    input: images.join("\n"),
    encoding: "utf8",
    cwd: work,
    env: { ...process.env, SHELL: "/bin/bash" },
  });
  expect([status, stderr, stdout.match(/1 image written/g)?.length]).toEqual([0, "", 4]);
  expect(new Set(readFileSync(join(work, "hosts"), "utf8").trim().split("\n"))).toEqual(
    new Set(["web-ops-1", "web-ops-2"]),
  );
  const rows = await askDuckDb(
    `select host, count(*)::int from read_parquet('${work}/table/**/*.parquet') group by all order by all`,
  );
  expect(rows).toEqual([
    ["a", 3],
    ["b", 3],
    ["c", 10460],
    ["d", 3],
  ]);
});

test("Ctrl-C in the middle leaves no file", async () => {
  const image = join(work, "big.bin");
  execFileSync(process.execPath, [
    "--input-type=module",
    "-e",
    `import { writeBigImage } from "${resolve("scripts/bench/big-image.mjs")}"; writeBigImage(process.argv[1], 2 ** 26);`,
    image,
  ]);
  for (const format of ["ndjson", "parquet"]) {
    const out = join(work, "out");
    mkdirSync(out);
    const child = spawn(
      process.execPath,
      [PROGRAM, "export", "--to", format, "--no-live", "-o", join(out, "file"), image],
      {
        stdio: "ignore",
      },
    );
    const ended = new Promise<NodeJS.Signals | null>((done) => child.on("exit", (_, signal) => done(signal)));
    for (let tries = 0; tries < 2000 && readdirSync(out).length === 0; tries++)
      await new Promise((go) => setTimeout(go, 5));
    expect(readdirSync(out)).toEqual([expect.stringMatching(/^file\..*\.tmp$/)]);
    child.kill("SIGINT");
    expect([await ended, readdirSync(out)]).toEqual(["SIGINT", []]);
    rmSync(out, { recursive: true });
  }
});

test("sql: an image, one file and a data set; as JSON; what DuckDB refuses is told in a line", async () => {
  const [image] = fleet(["web-2/b1.bin.gz", "v7.3-read"]);
  await exportFleet([image!]);
  const query = "select event, count(*) n from events group by all order by n desc, event limit 2";
  const answers = [
    ["sys_enter", "4856"],
    ["sys_exit", "4854"],
  ];
  const part = join(work, "table/host=web-2/boot=b1/part.parquet");
  for (const from of [["--events", KERNEL, image!], [part], [join(work, "table")]]) {
    const { status, stdout } = await rbtool(["sql", "--json", ...from, query]);
    const answer = JSON.parse(stdout) as { rows: unknown };
    expect([status, answer.rows, schemaOf("sql")(answer)]).toEqual([0, answers, []]);
  }
  const shown = await rbtool(["sql", join(work, "table"), query]);
  expect(shown.stdout).toBe("event         n\nsys_enter  4856\nsys_exit   4854\n");
  const wrong = await rbtool(["sql", join(work, "table"), "select nothing from events"]);
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/^rbtool: DuckDB: .*nothing.*\n$/)]);
});

test("sql without DuckDB says in one line how to get it", () => {
  // The program alone, where no package is.
  cpSync("dist", join(work, "dist"), { recursive: true });
  cpSync("bin", join(work, "bin"), { recursive: true });
  writeFileSync(join(work, "package.json"), '{"type":"module"}');
  const { status, stderr } = spawnSync(process.execPath, ["bin/rbtool.js", "sql", "table.parquet", "select 1"], {
    cwd: work,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([
    2,
    "rbtool: sql needs DuckDB: `npm install @duckdb/node-api` here, or with -g beside a global rbtool\n",
  ]);
});

test("no jobs at all would export nothing and say that all is well", async () => {
  const [image] = fleet(["web-2/b1.bin.gz", "v7.3-read"]);
  const dataset = join(work, "no-jobs");
  for (const words of [
    ["export", "--to", "parquet", "--dataset", dataset, "--jobs", "0", image!],
    ["events", "--jobs", "0", image!],
  ])
    expect(await rbtool(words)).toMatchObject({
      status: 2,
      stderr: "rbtool: --jobs 0: at least one has to do the work\n",
    });
  expect(existsSync(dataset)).toBe(false);
});
