import { readClockSetting } from "../../core/instant";
import { httpsTransport, type Transport } from "../../azure/transport";
import { credentialProvider, type CredentialProvider, type ProviderWorld } from "./credential";
import { siteGrantProvider, type SiteGrantProvider } from "./siteGrant";

/** The provider in the world of this process. States name it `clientSecret`: of certificates too. */
export const clientSecret: CredentialProvider = {
  diff: async (...call) => credentialProvider(world()).diff(...call),
  create: async (...call) => credentialProvider(world()).create(...call),
  read: async (...call) => credentialProvider(world()).read(...call),
  update: async (...call) => credentialProvider(world()).update(...call),
  delete: async (...call) => credentialProvider(world()).delete(...call),
};

/** The provider of SharePoint sites. */
export const siteGrant: SiteGrantProvider = {
  diff: async (...call) => siteGrantProvider(world()).diff(...call),
  create: async (...call) => siteGrantProvider(world()).create(...call),
  read: async (...call) => siteGrantProvider(world()).read(...call),
  update: async (...call) => siteGrantProvider(world()).update(...call),
  delete: async (...call) => siteGrantProvider(world()).delete(...call),
};

/** For all calls of the process. Idle connections end by themselves, and do not keep it alive. */
let transport: Transport | undefined;

/** What a call sees: the clock setting is read anew each time. */
function world(): ProviderWorld {
  const { env } = process;
  const aheadMilliseconds =
    (readClockSetting(env["COPILOT_TOKEN_CLOCK"])?.getTime() ?? Date.now()) - Date.now();
  return {
    env,
    exchange: (transport ??= httpsTransport(env)).exchange,
    now: () => new Date(Date.now() + aheadMilliseconds),
    elapsed: () => performance.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    progress: () => undefined,
  };
}
