import { defineConfig } from "vitest/config";

/** These put mocks into Pulumi's runtime, each file or test anew. */
const pulumi = ["test/infra/**/*.test.ts"];
/**
 * These start processes of the inline engine, commands and servers. In their own process they change nothing, and
 * test/support/endEngines.ts ends what waits for another run.
 */
const engine = [
  "test/endToEnd/{adopt,adoptVault,beforeMark,bootstrap,delegated,grants,otherApis,powerPlatform,program}.test.ts",
  "test/emulator/{clients,notEmulated,package}.test.ts",
  "test/emulator/pulumi/{engineProcess,explicitProviders,properties,stackState}.test.ts",
  "test/emulator/pulumi/{providers,serve}/**/*.test.ts",
  "test/scripts/destroy/{destroyRecord,refusals}.test.ts",
  "test/scripts/{rotate,tenant}/**/*.test.ts",
  "test/bench/**/*.test.ts",
  "test/workflows/{audits,plugins}.test.ts",
  "test/licenses.test.ts",
];
/** These change what a process has once: Pulumi's runtime, the environment, the exit code, or a module (vi.mock). */
const alone = [
  "test/**/*.mocks.test.ts",
  "test/endToEnd/**/*.test.ts",
  "test/fixes/**/*.test.ts",
  "test/emulator/pulumi/**/*.test.ts",
  "test/emulator/*.test.ts",
  "test/scripts/{destroy,local}/**/*.test.ts",
  "test/{package,workflows}/**/*.test.ts",
  "test/*.test.ts",
];

export default defineConfig({
  test: {
    // Forks, because NODE_EXTRA_CA_CERTS is read only when a process starts.
    pool: "forks",
    // Vitest leaves one processor idle otherwise, which is half of a small machine.
    maxWorkers: "100%",
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
      { extends: true, test: { name: "pulumi", include: pulumi, exclude: alone, isolate: false } },
      {
        extends: true,
        test: {
          name: "engine",
          include: engine,
          exclude: ["test/**/*.mocks.test.ts"],
          isolate: false,
          setupFiles: "test/support/endEngines.ts",
        },
      },
      { extends: true, test: { name: "alone", include: alone, exclude: engine } },
    ],
    coverage: {
      provider: "v8",
      include: ["core/**", "infra/**", "azure/**", "scripts/**", "emulator/**", "copilot/**"],
      exclude: ["**/*.mjs"],
    },
  },
});
