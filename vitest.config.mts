import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** These put mocks into Pulumi's runtime, each file or test anew. */
const pulumi = ["test/infra/**/*.test.ts"];
/**
 * These start processes of the inline engine, commands and servers, and are the slowest. In their own process they change
 * nothing, and test/support/endEngines.ts ends what waits for another run.
 */
const engine = [
  "test/*.test.ts",
  "test/{bench,endToEnd,fixes,package,workflows}/**/*.test.ts",
  "test/emulator/*.test.ts",
  "test/emulator/pulumi/**/*.test.ts",
  "test/scripts/{destroy,local,rotate,tenant}/**/*.test.ts",
];
/** These change what a process has once: a module (vi.mock), or the Pulumi SDK, by an engine in the test's own process. */
const alone = ["test/**/*.mocks.test.ts", "test/emulator/pulumi/{inline,wholeProgram}.test.ts"];

export default defineConfig({
  test: {
    // Forks, because NODE_EXTRA_CA_CERTS is read only when a process starts.
    pool: "forks",
    // Most objects live for one test. V8 copies fewer of them when the space for new objects is larger.
    // test/support/inlineEngine.ts passes these options on.
    execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=64"],
    // Half as many again as there are processors, since a test often waits for a process or a timer.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // What Vitest makes of a source file stays for the next run, as long as the file does.
    experimental: { fsModuleCache: true },
    // These end what hangs. On a busy machine a test may take twenty times as long as alone.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        // One process keeps its modules for many files, which takes a quarter of the time.
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: [...alone, ...engine, ...pulumi],
          isolate: false,
        },
      },
      // Loading Pulumi takes longer than most of these files.
      {
        extends: true,
        test: {
          name: "pulumi",
          include: pulumi,
          exclude: alone,
          isolate: false,
          // As the program does: the SDK formats no stack trace for each promise.
          setupFiles: "infra/quietSdk.cjs",
        },
      },
      {
        extends: true,
        test: {
          name: "engine",
          include: engine,
          exclude: alone,
          isolate: false,
          setupFiles: "test/support/endEngines.ts",
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    coverage: {
      provider: "v8",
      include: ["core/**", "infra/**", "azure/**", "scripts/**", "emulator/**", "copilot/**"],
      exclude: ["**/*.mjs"],
    },
  },
});
