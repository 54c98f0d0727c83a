import { oneLine } from "../../core/sinks";
import type { World } from "./world";

/** How one step went. */
export interface StepRecord {
  readonly title: string;
  readonly ok: boolean;
  /** What came of it, or why it failed. */
  readonly detail: string;
  readonly seconds: number;
}

/** What a step reports while it runs and when it ends. */
export interface StepResult<Value> {
  readonly value: Value;
  readonly ok: boolean;
  readonly detail: string;
}

/** Runs steps one after the other and shows each with a tick, what came of it and how long it took. */
export interface Steps {
  readonly records: readonly StepRecord[];
  /**
   * @param work Gets a function that shows, on a terminal, what is being done just now.
   */
  run<Value>(
    title: string,
    work: (doing: (what: string) => void) => Promise<StepResult<Value>>,
  ): Promise<StepResult<Value>>;
}

/**
 * @param quiet Shows nothing, for `--json`.
 */
export function steps(world: Pick<World, "print" | "progress" | "colours">, quiet: boolean): Steps {
  const records: StepRecord[] = [];
  return {
    records,
    run: async (title, work) => {
      const startedAt = performance.now();
      let doing = "";
      const show = (): void => {
        const seconds = Math.floor((performance.now() - startedAt) / 1000);
        if (!quiet)
          world.progress(
            `  … ${title.padEnd(titleWidth)} ${oneLine(doing)}${seconds > 0 ? ` (${seconds} s)` : ""}`,
          );
      };
      show();
      const timer = setInterval(show, 1000);
      try {
        const result = await work((what) => {
          doing = what;
          show();
        });
        const seconds = (performance.now() - startedAt) / 1000;
        records.push({ title, ok: result.ok, detail: result.detail, seconds });
        world.progress(undefined);
        if (!quiet) world.print(stepLine(records[records.length - 1], world.colours));
        return result;
      } finally {
        clearInterval(timer);
        world.progress(undefined);
      }
    },
  };
}

const titleWidth = 16;

function stepLine(record: StepRecord | undefined, colours: boolean): string {
  if (record === undefined) return "";
  const mark = record.ok ? "✓" : "✗";
  const coloured = colours ? `\u001b[${record.ok ? 32 : 31}m${mark}\u001b[0m` : mark;
  const [first = "", ...rest] = record.detail.split("\n").map(oneLine);
  const lines = [
    `  ${coloured} ${record.title.padEnd(titleWidth)} ${first.padEnd(64)} ${record.seconds.toFixed(1)} s`,
  ];
  return [...lines, ...rest.map((line) => `    ${" ".repeat(titleWidth)} ${line}`)].join("\n");
}
