import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resourceProviders } from "../../../../scripts/shared/emulated/resourceProviders";

const versionOf = (name: string): string => {
  const text = readFileSync(resolve("node_modules/@pulumi", name, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};
const plugins = ["azuread", "azure-native", "random"].map((name) => `resource-${name}-v${versionOf(name)}`);

describe("resource providers that the user has installed", () => {
  let folder: string;
  const installed = (plugin: string) => join(folder, "installed", "plugins", plugin, "provider");
  const linked = (plugin: string) => join(folder, "linked", "plugins", plugin, "provider");
  const take = () =>
    resourceProviders(
      resolve("."),
      { PULUMI_HOME: join(folder, "linked") },
      { PULUMI_HOME: join(folder, "installed") },
    );

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "plugins-"));
    for (const plugin of plugins) {
      await mkdir(join(installed(plugin), ".."), { recursive: true });
      writeFileSync(installed(plugin), plugin);
    }
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("are linked into the local run's own home, and none is downloaded or served", async () => {
    const { environment, description } = await take();
    expect(environment).toEqual({ PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" });
    expect(description.match(/\(installed plugin\)/g)).toHaveLength(3);
    for (const plugin of plugins) expect(statSync(linked(plugin)).ino).toBe(statSync(installed(plugin)).ino);
  });

  it("may be taken by several runs at once, without a moment in which one is missing", async () => {
    await Promise.all([take(), take(), take()]);
    const before = plugins.map((plugin) => statSync(linked(plugin)).ctimeMs);
    await take();
    expect(plugins.map((plugin) => statSync(linked(plugin)).ctimeMs)).toEqual(before);
    for (const plugin of plugins) expect(readdirSync(join(linked(plugin), ".."))).toEqual(["provider"]);
  });

  it("are linked anew when the user has put another one in their place", async () => {
    await take();
    for (const plugin of plugins) {
      rmSync(installed(plugin));
      writeFileSync(installed(plugin), `${plugin}, rebuilt`);
    }
    await take();
    for (const plugin of plugins) expect(readFileSync(linked(plugin), "utf8")).toBe(`${plugin}, rebuilt`);
  });
});
