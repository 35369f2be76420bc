// Perfetto's own trace processor (v55.3, wasm): answers SQL about a trace file, as JSON.
// usage: node trace-processor.mjs FOLDER TRACE SQL...   FOLDER: what .ci/trace-processor unpacked
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";

const [folder, trace, ...queries] = process.argv.slice(2);
const scope = { location: { href: "file:///" } };
globalThis.self = scope;
globalThis.WorkerGlobalScope = class {};
globalThis.location = scope.location;
console.warn = () => {};
const { EngineBase } = await import(pathToFileURL(join(folder, "engine.mjs")));
globalThis.rbtoolWasm = readFileSync(join(folder, "trace_processor.wasm"));
const glue = readFileSync(join(folder, "engine_bundle.node.js"), "utf8")
  .replace("this.useMemory64 = hasMemory64Support();", "this.useMemory64 = false;")
  .replace("locateFile: (s) => s,", "locateFile: (s) => s, wasmBinary: globalThis.rbtoolWasm,")
  .replace(
    "const wasmBridge = new wasm_bridge_1.WasmBridge();",
    "const wasmBridge = (globalThis.rbtoolBridge = new wasm_bridge_1.WasmBridge());",
  )
  .replace(/\/\/# sourceMappingURL[\s\S]*$/, "");
vm.runInThisContext(`${glue}\nengine;`);
const { port1, port2 } = new MessageChannel();
globalThis.rbtoolBridge.initialize(port1);

class Engine extends EngineBase {
  mode = "WASM";
  id = "rbtool";
  rpcSendRequestBytes(data) {
    port2.postMessage(data);
  }
}
const engine = new Engine();
port2.onmessage = ({ data }) => engine.onRpcResponseBytes(data);
await new Promise((resolve) => setTimeout(resolve, 1500));
const bytes = readFileSync(trace);
for (let at = 0; at < bytes.length; at += 2 ** 20) await engine.parse(new Uint8Array(bytes.subarray(at, at + 2 ** 20)));
await engine.notifyEof();
const answers = [];
for (const sql of queries) {
  const result = await engine.query(sql);
  const rows = [];
  for (const it = result.iter({}); it.valid(); it.next()) rows.push(result.columns().map((name) => it.get(name)));
  answers.push(rows);
}
const text = JSON.stringify(answers, (_, value) => (typeof value === "bigint" ? String(value) : value));
// The engine would keep the process alive; a pipe takes a long answer piece by piece.
process.stdout.write(text, () => process.exit(0));
