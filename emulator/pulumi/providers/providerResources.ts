import { randomUUID } from "node:crypto";
import { changedKeys } from "../properties";
import { inputsIn, type ResourceProvider } from "../resourceProvider";
import { urnParts } from "../urn";
import { signInSettings } from "./providerSignIn";

/** Settings that say what holds anyway: the SDKs fill them in. */
const inert: Readonly<Record<string, readonly string[]>> = {
  environment: ["public", "global"],
  useMsi: ["false"],
  useCli: ["true", "false"],
  disablePulumiPartnerId: ["true", "false"],
  disableTerraformPartnerId: ["true", "false"],
};

/**
 * The engine's own provider of provider resources (`pulumi:providers:azuread` and the like): nothing is made for
 * them, their configuration is kept.
 *
 * @param packageNames Packages that the engine has providers of.
 * @see https://www.pulumi.com/docs/iac/concepts/providers/#explicit-provider-configuration (read 2026-11)
 */
export function providerResources(packageNames: readonly string[]): ResourceProvider {
  return {
    version: "0.0.0",
    check(urn, _olds, news) {
      const packageName = urnParts(urn).type.split(":").at(-1) ?? "";
      if (!packageNames.includes(packageName)) {
        throw new Error(
          `The inline engine has no provider for "${packageName}". Run with \`--engine pulumi\`, whose plugins know it.`,
        );
      }
      const failures = Object.entries(news)
        .filter(([setting, value]) => !isKnown(setting, value))
        .map(([property]) => ({
          property,
          reason: "The engine's own provider does not know this setting. Run with `--engine pulumi`.",
        }));
      return Promise.resolve({ inputs: news, failures });
    },
    diff(_id, _urn, olds, news) {
      const changedProperties = changedKeys(inputsIn(olds), news);
      return Promise.resolve({
        changes: changedProperties.length > 0,
        replaces: [],
        deleteBeforeReplace: false,
        changedProperties,
      });
    },
    create: (_urn, inputs) => Promise.resolve({ id: randomUUID(), outs: inputs }),
    read: (id, _urn, props = {}) => Promise.resolve({ id, props, inputs: props }),
    update: (_id, _urn, _olds, news) => Promise.resolve({ outs: news }),
    delete: () => Promise.resolve(),
    invoke: (token) => Promise.reject(new Error(`unknown function ${token}`)),
  };
}

function isKnown(setting: string, value: unknown): boolean {
  if (value === undefined || value === null || [...signInSettings, "location"].includes(setting)) return true;
  const text = typeof value === "boolean" ? String(value) : value;
  return typeof text === "string" && inert[setting]?.includes(text) === true;
}
