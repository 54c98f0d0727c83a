import eslint from "@eslint/js";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** Which folders a folder may import: core <- azure <- infra, core <- copilot, all of them <- scripts. */
const mayImport = {
  core: [],
  azure: ["core"],
  infra: ["core", "azure"],
  copilot: ["core"],
  emulator: [],
  scripts: ["core", "azure", "infra", "copilot", "emulator"],
};
const folders = Object.keys(mayImport);
export default tseslint.config(
  { ignores: ["**/dist/", "lib/", "coverage/", "node_modules/", ".copilot-token/"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: folders.map((folder) => `${folder}/**/*.ts`),
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".js", ".json"] })] },
    rules: {
      "import-x/no-cycle": "error",
      "import-x/no-extraneous-dependencies": ["error", { devDependencies: false }],
      "import-x/no-restricted-paths": [
        "error",
        {
          zones: [
            ...folders.map((folder) => ({
              target: `./${folder}`,
              from: [...folders, "test", "bench"]
                .filter((other) => other !== folder && !mayImport[folder].includes(other))
                .map((other) => `./${other}`),
              message: `${folder}/ may import ${["itself", ...mayImport[folder]].join(", ")} only.`,
            })),
            {
              target: [
                "./scripts/!(local|tenant|copilot|shared)/**/*",
                "./scripts/copilot/!(trial)",
                "./scripts/shared/*.ts",
                "./scripts/shared/engines/!(inlineEngine.ts)",
              ],
              from: ["./emulator", "./scripts/shared/emulated"],
              message: "Only local, tenant, the trial of copilot and the inline engine know the emulator.",
            },
          ],
        },
      ],
    },
  },
  {
    // One transport sends every request: it knows limits, proxy and where a credential may go.
    files: ["core", "infra", "copilot", "scripts"].map((folder) => `${folder}/**/*.ts`),
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: ["http", "https", "http2", "tls", "dgram"]
            .flatMap((name) => [name, `node:${name}`])
            .concat("undici")
            .map((name) => ({ name, message: "Only azure/transport.ts sends requests." }))
            .concat(
              ["net", "node:net"].map((name) => ({
                name,
                allowImportNames: ["isIP", "isIPv4", "isIPv6"],
                message: "Only azure/transport.ts sends requests.",
              })),
            ),
        },
      ],
      "no-restricted-globals": ["error", "fetch", "WebSocket", "EventSource", "XMLHttpRequest"],
      "no-restricted-properties": [
        "error",
        ...["fetch", "WebSocket"].map((property) => ({ object: "globalThis", property })),
      ],
    },
  },
  {
    // A proxy or a portal answers 403 and 404, too: only an answer in the service's own form is evidence.
    files: ["azure/**/*.ts", "infra/**/*.ts", "scripts/**/*.ts"],
    ignores: ["azure/serviceRefusal.ts", "scripts/verify/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...[403, 404].flatMap((status) =>
          [
            `BinaryExpression > Literal[value=${status}]`,
            `CallExpression[callee.property.name="includes"] > MemberExpression > ArrayExpression > Literal[value=${status}]`,
          ].map((selector) => ({
            selector,
            message: "Use isForbidden, isMissing or isNotFound of azure/serviceRefusal.ts.",
          })),
        ),
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
  {
    // Where files share a process, a module that another file has loaded is not mocked any more.
    files: ["test/**/*.ts"],
    ignores: ["test/**/*.mocks.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock|hoisted)$/]",
          message: "Name the file *.mocks.test.ts: vitest.config.mts gives it a process of its own.",
        },
      ],
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: {
        performance: "readonly",
        process: "readonly",
        console: "readonly",
        fetch: "readonly",
        URL: "readonly",
        URLSearchParams: "readonly",
        require: "readonly",
      },
    },
  },
);
