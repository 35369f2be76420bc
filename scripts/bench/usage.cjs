// Loaded before a program: adds to the file of RBTOOL_USAGE what its process took, in microseconds and KiB.
const { appendFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");
if (isMainThread)
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    appendFileSync(process.env.RBTOOL_USAGE, `${userCPUTime + systemCPUTime} ${maxRSS}\n`);
  });
