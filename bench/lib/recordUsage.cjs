// Loaded into every Node process of a measured command: notes its peak memory, in KB, and its processor seconds, when it ends.
const { appendFileSync } = require("node:fs");

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  appendFileSync(process.env.BENCH_USAGE_FILE, `${maxRSS} ${(userCPUTime + systemCPUTime) / 1e6}\n`);
});
