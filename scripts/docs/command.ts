import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "../shared/command";
import { replaceBlock } from "./generatedBlock";
import { rightsTable } from "./rightsTable";

/** `npm run docs`. */
export const docsCommand: Command = {
  name: "docs",
  summary: "Writes the parts of README.md that are generated: the rights of each identity.",
  flags: {},
  notes: ["Exit code: 0 written, 2 misused."],
  run: async (_flags, world) => {
    const file = resolve(world.directory, "README.md");
    const before = await readFile(file, "utf8");
    const after = replaceBlock(before, "rights", rightsTable());
    if (after !== before) await writeFile(file, after);
    world.print(after === before ? "README.md is up to date." : "README.md: the rights were written anew.");
    return 0;
  },
};
