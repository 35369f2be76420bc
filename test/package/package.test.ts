import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { COMMANDS } from "../../src/commands/index.js";
import { has } from "../support/programs.js";
import { checkout, ROOT, run } from "./build.js";

interface Manifest {
  readonly bin: Record<string, string>;
  readonly man: readonly string[];
  readonly scripts: Record<string, string>;
  readonly dependencies?: Record<string, string>;
}

let folder: string;
let tarball: string;
let installed: string;
const files: string[] = [];

beforeAll(() => {
  folder = checkout();
  const [{ filename, files: packed }] = JSON.parse(
    run("npm", ["pack", "--json", "--silent"], { cwd: folder }).replace(/^[^[]*/, ""),
  );
  tarball = join(folder, filename);
  files.push(...packed.map(({ path }: { path: string }) => path));
  installed = join(folder, "installed");
  run("npm", ["install", "--global", "--offline", "--prefix", installed, tarball]);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const packageFolder = () => join(installed, "lib/node_modules/rbtool");
const manifest = () => JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")) as Manifest;

test("only what runs is in the package, and nothing runs when it is installed", () => {
  const odd = files.filter(
    (name) =>
      !/^(package\.json|README\.md|LICENSE|bin\/(rbtool\.js|package\.json)|dist\/([\w-]+\.c|index\.)js|dist\/THIRD-PARTY\.txt|dist\/sbom\.cdx\.json)$/.test(
        name,
      ) &&
      !/^(dist\/types\/.*\.d\.ts|dist\/share\/.*|schemas\/[\w-]+\.json)$/.test(name) &&
      !/^fixtures\/(dumps\/v7\.3-read\/image\.bin|kernels\/7\.3\.4\+deb13-cloud-amd64\/events\.tar)\.gz$/.test(name),
  );
  expect(odd).toEqual([]);
  const { scripts, dependencies } = manifest();
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  expect(dependencies).toBeUndefined();
  expect(readdirSync(join(installed, "lib/node_modules"))).toEqual(["rbtool"]);
});

test("the README's two commands: what was installed reads the image that travels with it", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, block] = /## Install it[^\n]*\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)!;
  const commands = block!.trim().split("\n");
  expect(commands).toHaveLength(2);
  expect(commands[0]).toContain('npm install --global "$(npm pack --silent)"');
  const env = { ...process.env, PATH: `${join(installed, "bin")}:${process.env.PATH}` };
  expect(run("sh", ["-c", commands[1]!], { cwd: packageFolder(), env })).toMatch(/: 10460 events on 2 CPUs/);
});

test("a man page and completion for every command lie where a system looks for them", () => {
  expect(manifest().man.map((page) => page.replace(/.*\//, ""))).toEqual([
    "rbtool.1",
    ...COMMANDS.map(({ name }) => `rbtool-${name}.1`).sort(),
  ]);
  for (const page of manifest().man) {
    const name = page.replace(/.*\//, "");
    expect(readFileSync(join(installed, "share/man/man1", name), "utf8")).toMatch(/^\.\\" rbtool/);
  }
  for (const script of ["bash-completion/completions/rbtool", "zsh/site-functions/_rbtool"])
    expect(readFileSync(join(packageFolder(), "dist/share", script), "utf8")).toContain("mmap-layout");
});

test("the licences of what is bundled travel with it", () => {
  const notices = readFileSync(join(packageFolder(), "dist/THIRD-PARTY.txt"), "utf8");
  for (const name of ["chalk", "cli-table3", "commander", "zstddec"])
    expect(notices).toMatch(new RegExp(`^${name} \\d[^\\n]*\\n\\n[\\s\\S]{200}`, "m"));
});

test("a bill of materials names what is bundled, each by the sum of what the registry has", () => {
  const notices = readFileSync(join(packageFolder(), "dist/THIRD-PARTY.txt"), "utf8");
  const { components } = JSON.parse(readFileSync(join(packageFolder(), "dist/sbom.cdx.json"), "utf8")) as {
    components: { name: string; version: string; purl: string; hashes: { content: string }[] }[];
  };
  const noted = notices.match(/^[@\w/.-]+ \d[\w.-]* \(/gm)!.map((line) => line.slice(0, -2));
  expect(components.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(noted.sort());
  for (const { purl, hashes } of components) {
    expect(purl).toMatch(/^pkg:npm\/[\w%./-]+@\d/);
    expect(hashes[0]!.content).toMatch(/^[0-9a-f]{128}$/);
  }
});

test("a program of another project has the library with its types, checked without mercy", () => {
  const project = join(folder, "consumer");
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  symlinkSync(packageFolder(), join(project, "node_modules/rbtool"));
  for (const name of ["@types/node", "undici-types"])
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  const options = {
    module: "NodeNext",
    target: "ES2023",
    lib: ["ES2023"],
    strict: true,
    exactOptionalPropertyTypes: true,
  };
  const compilerOptions = { ...options, skipLibCheck: false, preserveSymlinks: true, types: ["node"] };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  writeFileSync(
    join(project, "main.ts"),
    `import { readFile } from "node:fs/promises";
import { inspect, openImage, type Image } from "rbtool";
const image: Image = await openImage(await readFile(process.argv[2]!));
const counts: number[] = inspect(image).cpus.map(({ events }) => events);
// @ts-expect-error: an image has no such member.
image.nothingOfTheKind;
console.log(counts.reduce((sum, count) => sum + count, 0));
`,
  );
  run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project]);
  const gz = join(packageFolder(), "fixtures/dumps/v7.3-read/image.bin.gz");
  const image = join(project, "image.bin");
  run("sh", ["-c", 'gunzip -c "$0" > "$1"', gz, image]);
  expect(run(process.execPath, [join(project, "main.js"), image])).toBe("10460\n");
});

(has("make") ? test : test.skip)(
  "make install lays out what a distribution's package has, and uninstall takes it away",
  () => {
    const root = join(folder, "root");
    run("make", ["install", `DESTDIR=${root}`, "prefix=/usr"], { cwd: folder });
    const found = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length));
    for (const name of [
      "/usr/bin/rbtool",
      "/usr/share/man/man1/rbtool-check.1",
      "/usr/share/bash-completion/completions/rbtool",
      "/usr/share/zsh/site-functions/_rbtool",
      "/usr/share/fish/vendor_completions.d/rbtool.fish",
      "/usr/share/doc/rbtool/THIRD-PARTY.txt",
    ])
      expect(found).toContain(name);
    const image = join(ROOT, "fixtures/dumps/v7.3-read/image.bin.gz");
    expect(run(join(root, "usr/bin/rbtool"), [image], { cwd: root })).toContain("10460 events on 2 CPUs");
    run("make", ["uninstall", `DESTDIR=${root}`, "prefix=/usr"], { cwd: folder });
    expect(
      readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()),
    ).toHaveLength(0);
  },
);

test("the same sources give the same package, byte for byte", () => {
  const first = readFileSync(tarball);
  rmSync(join(folder, "dist"), { recursive: true });
  rmSync(tarball);
  run("npm", ["pack", "--silent"], { cwd: folder });
  expect(readFileSync(tarball).equals(first)).toBe(true);
});

const CHECKS = process.env.RBTOOL_PACKAGE_CHECKS ?? "";
(existsSync(join(CHECKS, "node_modules/.bin/publint")) ? describe : describe.skip)("other judges", () => {
  const judge = (name: string) => join(CHECKS, "node_modules/.bin", name);
  test("publint", () => {
    expect(run(judge("publint"), ["run", tarball, "--strict"])).toContain("All good!");
  });
  test("attw, for modules alone", () => {
    const verdict = run(judge("attw"), [tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"]);
    expect(verdict).toMatch(/"rbtool"\s+node16 \(from ESM\): OK \(ESM\)\s+bundler: OK/);
  });
});

const NODES = process.env.RBTOOL_NODES ?? "";
const versions = existsSync(NODES) ? readdirSync(NODES) : [];
(versions.length > 0 ? describe : describe.skip)("by npx", () => {
  test.each(versions)("from the packed tarball on Node %s", (version) => {
    const npx = join(run("npm", ["root", "--global"]).trim(), "npm/bin/npx-cli.js");
    const env = { ...process.env, PATH: `${join(NODES, version, "bin")}:${process.env.PATH}` };
    const cwd = join(folder, `npx-${version}`);
    mkdirSync(cwd);
    const image = join(ROOT, "fixtures/dumps/v7.3-read/image.bin.gz");
    const args = [npx, "--yes", "--offline", `--package=${tarball}`, "rbtool", "inspect", image];
    expect(run(join(NODES, version, "bin/node"), ["--version"]).trim()).toBe(`v${version}`);
    expect(run(join(NODES, version, "bin/node"), args, { cwd, env })).toContain("10460 events on 2 CPUs");
  });
});
