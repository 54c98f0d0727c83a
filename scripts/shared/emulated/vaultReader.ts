import { isRecord } from "../../../emulator/server/http";
import { settingsNamespace } from "../../../core/settings/settingsFaults";
import { decodeSettings } from "../../../core/settings/stackConfig";

/** A stack's settings by full key, structured values as JSON. */
type Config = Readonly<Record<string, string>>;

/** The vault's settings as given; undefined when they are no map, which the program itself will refuse. */
export function givenVault(config: Config): Record<string, unknown> | undefined {
  const { vault = {} } = decodeSettings(config, settingsNamespace);
  return isRecord(vault) ? vault : undefined;
}

/**
 * The settings with one more reader of the vault, the verifier of a local run. `npm run init` adds the signed-in identity
 * in the same way.
 *
 * @param objectId Of a service principal; undefined: the settings as they are.
 */
export function withVaultReader(config: Config, objectId: string | undefined): Config {
  const vault = givenVault(config);
  const { readers = [] } = vault ?? {};
  if (objectId === undefined || !Array.isArray(readers)) return config;
  const reader = { id: objectId, type: "ServicePrincipal" };
  return {
    ...config,
    [`${settingsNamespace}:vault`]: JSON.stringify({
      ...vault,
      readers: [...(readers as unknown[]), reader],
    }),
  };
}
