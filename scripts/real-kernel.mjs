// Boots a real kernel in QEMU on an image, as after a crash, and prints the `trace` file that it makes of it: the judge of
// `rbtool events --as-kernel`. Needs qemu-system-x86_64, cpio and a static busybox (Debian: qemu-system-x86 cpio busybox-static).
//   node scripts/real-kernel.mjs VMLINUZ IMAGE ADDRESS > trace.txt
// ADDRESS is where that kernel puts an area of this size without KASLR; what it says of ring buffers is told on stderr, with
// that place. An image that names other addresses than these is taken for no boot's before.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, misused } from "./usage.mjs";

/** QEMU's emulator sometimes loses a race with a kernel that patches itself. */
const ATTEMPTS = 3;
const SECONDS = 60;
const BUSYBOX = "/bin/busybox";
const INIT = `#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs none /dev
$b mount -t tracefs none /tracing
$b stty -F /dev/ttyS1 raw -echo
$b cat /tracing/instances/boot_map/trace > /dev/ttyS1
echo "$0: end" > /dev/ttyS1
$b sleep 1
$b poweroff -f
`;
const END = "/init: end\n";

const [kernel, image, address] = commandLine().positionals;
if (address === undefined) misused("a kernel, an image and an address are needed");
const folder = mkdtempSync(join(tmpdir(), "rbtool-kernel-"));
try {
  process.exitCode = boot(initrd()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** A file system of one program, which prints the trace and turns the machine off. */
function initrd() {
  const root = join(folder, "root");
  for (const name of ["bin", "dev", "tracing"]) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(BUSYBOX, join(root, "bin/busybox"));
  writeFileSync(join(root, "init"), INIT, { mode: 0o755 });
  const names = ".\nbin\nbin/busybox\ndev\ntracing\ninit\n";
  const { stdout } = spawnSync("cpio", ["-o", "-H", "newc", "--quiet"], {
    cwd: root,
    input: names,
    maxBuffer: 2 ** 26,
  });
  const path = join(folder, "initrd");
  writeFileSync(path, stdout);
  return path;
}

function boot(files) {
  const [said, printed] = [join(folder, "said"), join(folder, "printed")];
  const size = `${statSync(image).size / 1024}K`;
  const words =
    `console=ttyS0 panic=-1 mitigations=off nokaslr reserve_mem=${size}:4096:trace ` +
    "trace_instance=boot_map^traceoff@trace";
  const machine = "-M pc -m 5G -smp 2 -accel tcg,thread=single -cpu Haswell -display none -nodefaults -no-reboot";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    spawnSync(
      "qemu-system-x86_64",
      [
        ...machine.split(" "),
        ...["-kernel", kernel, "-initrd", files, "-append", words],
        ...["-device", `loader,file=${image},addr=${address},force-raw=on`],
        ...["-serial", `file:${said}`, "-serial", `file:${printed}`],
      ],
      { timeout: SECONDS * 1000, stdio: "ignore" },
    );
    const trace = existsSync(printed) ? readFileSync(printed, "latin1") : "";
    if (!trace.endsWith(END)) continue;
    const lines = readFileSync(said, "latin1").split("\n");
    process.stderr.write(`${lines.filter((line) => /ring buffer meta|mapped boot/i.test(line)).join("\n")}\n`);
    process.stdout.write(trace.slice(0, -END.length), "latin1");
    return true;
  }
  process.stderr.write(
    `no whole trace in ${ATTEMPTS} boots of ${SECONDS} s: the kernel crashed, or prints without end\n`,
  );
  return false;
}
