import { execFile } from "node:child_process";
import { promisify } from "node:util";

const runFile = promisify(execFile);
const lookEveryMilliseconds = 250;

/** Looks at the memory of every process that this one has started, whatever it is written in. */
export interface TreeWatch {
  /** @returns Most memory that all of them together were seen to hold, in MB; shared pages count once a process. */
  stop(): Promise<number>;
}

/** Begins to look at this process's children and theirs. */
export function watchTree(): TreeWatch {
  let peakKilobytes = 0;
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = residentBelow(process.pid).then((kilobytes) => {
      peakKilobytes = Math.max(peakKilobytes, kilobytes);
    });
  }, lookEveryMilliseconds);
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
      return peakKilobytes / 1024;
    },
  };
}

async function residentBelow(root: number): Promise<number> {
  const { stdout } = await runFile("ps", ["-e", "-o", "pid=,ppid=,rss=,comm="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    // The look itself is one of the children.
    .filter(([, , , command]) => command !== "ps")
    .map(([pid, parent, resident]) => ({
      pid: Number(pid),
      parent: Number(parent),
      kilobytes: Number(resident),
    }));
  const below = (parent: number): number =>
    processes
      .filter((one) => one.parent === parent)
      .reduce((sum, { pid, kilobytes }) => sum + kilobytes + below(pid), 0);
  return below(root);
}
