// What our dependencies bring along and rbtool never uses: left out, for a quicker start.
const STAND_INS = {
  // commander loads it for subcommands that are programs of their own.
  "node:child_process": "export const spawn = undefined;",
  // chalk looks at the terminal as it is loaded; which colours there are is decided in src/io.ts.
  "#supports-color": "export default { stdout: false, stderr: false };",
};

/** esbuild's plugin for it. */
export const without = {
  name: "without",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ path, importer }) =>
      path in STAND_INS && /[\\/]node_modules[\\/]/.test(importer) ? { path, namespace: "without" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "without" }, ({ path }) => ({ contents: STAND_INS[path] }));
  },
};
