// Man pages and completions, as the program itself prints them, laid out as a system has them below its prefix.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const rbtool = (...args) => execFileSync(process.execPath, ["bin/rbtool.js", ...args], { encoding: "utf8" });

const files = new Map([
  ["bash-completion/completions/rbtool", rbtool("completion", "bash")],
  ["zsh/site-functions/_rbtool", rbtool("completion", "zsh")],
  ["fish/vendor_completions.d/rbtool.fish", rbtool("completion", "fish")],
]);
for (const page of JSON.parse(readFileSync("package.json", "utf8")).man) {
  const [, command] = /rbtool-?(.*)\.1$/.exec(page);
  files.set(page.replace("./dist/share/", ""), command === "" ? rbtool("man") : rbtool("man", command));
}
for (const [name, text] of files) {
  const file = join("dist/share", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
