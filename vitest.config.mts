import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Forks, because NODE_EXTRA_CA_CERTS is read only when a process starts.
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["core/**", "infra/**", "azure/**", "scripts/**", "emulator/**", "copilot/**"],
      exclude: ["**/*.mjs"],
    },
  },
});
