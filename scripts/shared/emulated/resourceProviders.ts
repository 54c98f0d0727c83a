import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServedPackage } from "../../../emulator/pulumi/serve/serveProviders";
import { startProviders } from "../../../emulator/pulumi/startProviders";

/** Where the Pulumi CLI takes the resource providers from, one by one. */
export interface ResourceProviders {
  /** What the CLI's environment has to say besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** For people, such as `azuread 6.9.1 (installed plugin), azure-native (the project's own)`. */
  readonly description: string;
  /** Ends the project's own providers. */
  close(): Promise<void>;
}

const packages: readonly ServedPackage[] = ["azuread", "azure-native", "random"];

/**
 * Takes each resource provider from the plugins that the user has installed, in the version that the program asks
 * for; where there is none, from the project itself.
 *
 * @param environment The emulated environment of the CLI; its `PULUMI_HOME` is inside `.copilot-token`.
 * @param env The user's environment, which tells where their plugins are.
 * @param entry Bundle that serves the project's own providers. Default: the one beside the running bundle.
 */
export async function resourceProviders(
  projectDir: string,
  environment: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
  entry?: string,
): Promise<ResourceProviders> {
  const installedIn = join(env["PULUMI_HOME"] ?? join(env["HOME"] ?? homedir(), ".pulumi"), "plugins");
  const linkedIn = join(environment["PULUMI_HOME"] ?? "", "plugins");
  await mkdir(linkedIn, { recursive: true });
  const found = await Promise.all(
    packages.map(async (name) => {
      const version = await packageVersion(projectDir, name);
      const plugin = `resource-${name}-v${version}`;
      const installed = existsSync(join(installedIn, plugin));
      if (installed && installedIn !== linkedIn)
        await linkFiles(join(installedIn, plugin), join(linkedIn, plugin));
      return { name, version, installed };
    }),
  );
  const own = found.filter(({ installed }) => !installed).map(({ name }) => name);
  const served = own.length === 0 ? undefined : await startProviders(own, environment, entry);
  return {
    environment: {
      // A missing plugin cannot be downloaded: a local run does not use the network.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...(served === undefined ? {} : { PULUMI_DEBUG_PROVIDERS: served.debugProviders }),
    },
    description: found
      .map(({ name, version, installed }) =>
        installed ? `${name} ${version} (installed plugin)` : `${name} (the project's own)`,
      )
      .join(", "),
    close: async () => {
      await served?.close();
    },
  };
}

async function packageVersion(projectDir: string, name: string): Promise<string> {
  const text = await readFile(join(projectDir, "node_modules", "@pulumi", name, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * The CLI takes no symbolic link for a plugin's folder, and a plugin has hundreds of megabytes. What is linked
 * already stays, and the rest appears whole: another run may be starting the very same file.
 */
async function linkFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (await isSameFile(source, target)) continue;
    const beside = `${target}.${randomUUID()}.tmp`;
    await link(source, beside).catch(() => copyFile(source, beside));
    await rename(beside, target);
    // Two links to one file: a rename leaves both.
    await rm(beside, { force: true });
  }
}

/** A link to it, or a copy of its size and no older. */
async function isSameFile(source: string, target: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
  if (other === undefined) return false;
  const isLink = one.ino === other.ino && one.dev === other.dev;
  return isLink || (one.size === other.size && one.mtimeMs <= other.mtimeMs);
}
