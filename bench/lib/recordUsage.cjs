// Loaded into every Node process of a measured command: notes its peak memory, in KB, and its processor seconds, when it ends.
// The inline engine's process kills itself as its channel closes, which only "disconnect" shows.
const { appendFileSync } = require("node:fs");
const { isMainThread } = require("node:worker_threads");

let noted = false;

function note() {
  if (noted) return;
  noted = true;
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  appendFileSync(process.env.BENCH_USAGE_FILE, `${maxRSS} ${(userCPUTime + systemCPUTime) / 1e6}\n`);
}

if (isMainThread) process.once("exit", note).once("disconnect", note);
