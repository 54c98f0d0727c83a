import { judgeKeyVaultApi, keyVaultApiVersion, olderVersionsEnd } from "../../core/vault/keyVaultApi";
import type { Command } from "../shared/command";
import { readProviderApi, type ProviderApi } from "../shared/providerApi";
import { annotation } from "../verify/githubActions";
import type { World } from "../shared/world";

const packageName = "@pulumi/azure-native";

/** `npm run api-versions`. */
export const apiVersionsCommand: Command = {
  name: "api-versions",
  summary: "Reports whether the installed provider uses a Key Vault API version that Azure retires.",
  flags: {
    newer: { type: "boolean", help: "also asks npm whether a newer provider exists" },
  },
  notes: ["Exit code: 0 not yet retired, 1 from 2027-01-15 on with an older version, 2 usage error."],
  run: async (flags, world) => {
    const api = await readProviderApi(world.directory, "azure-native:keyvault:Vault");
    const { stage, daysLeft } = judgeKeyVaultApi(api.apiVersion, world.now());
    const late = stage === "urgent" || stage === "refused";
    say(
      world,
      stage === "current" ? "notice" : late ? "error" : stage === "ending" ? "warning" : "notice",
      "Key Vault API version",
      stage === "current"
        ? `${packageName} ${api.packageVersion} speaks ${api.apiVersion}, which stays.`
        : `${packageName} ${api.packageVersion} speaks ${api.apiVersion}. Azure retires what is older than ` +
            `${keyVaultApiVersion} on ${olderVersionsEnd.toISOString().slice(0, 10)}, in ${daysLeft} days. ` +
            `Update the package as soon as one speaks ${keyVaultApiVersion}: npm install ${packageName}@latest, then pulumi preview.`,
    );
    if (flags.on("newer")) await askForNewer(api, world);
    return late ? 1 : 0;
  },
};

async function askForNewer({ packageVersion, apiVersion }: ProviderApi, world: World): Promise<void> {
  const { exitCode, stdout } = await world.runTool("npm", ["view", packageName, "version"], 60);
  const newest = stdout.trim();
  if (exitCode !== 0 || !/^\d+\.\d+\.\d+$/.test(newest)) {
    say(world, "notice", "Newer provider", `npm did not say which ${packageName} is the newest.`);
  } else if (newest === packageVersion) {
    say(world, "notice", "Newer provider", `${packageVersion} is the newest ${packageName}.`);
  } else {
    say(
      world,
      "warning",
      "Newer provider",
      `${packageName} ${newest} is there; ${packageVersion} is installed and speaks ${apiVersion} to Key Vault. ` +
        `Take it: npm install ${packageName}@${newest}, npm run check, then pulumi preview.`,
    );
  }
}

/** In GitHub Actions as an annotation. */
function say({ env, print }: World, level: string, title: string, text: string): void {
  print(env["GITHUB_ACTIONS"] === "true" ? annotation(level, title, text) : text);
}
