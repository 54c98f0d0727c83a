import { readClockSetting } from "../../core/instant";
import { httpsTransport, type Transport } from "../../azure/transport";
import { credentialProvider, type CredentialProvider, type ProviderWorld } from "./credential";
import { siteGrantProvider, type SiteGrantProvider } from "./siteGrant";

/** The provider in the world of this process. States name it `clientSecret`: of certificates too. */
export const clientSecret: CredentialProvider = {
  diff: (...call) => during(credentialProvider, (provider) => provider.diff(...call)),
  create: (...call) => during(credentialProvider, (provider) => provider.create(...call)),
  read: (...call) => during(credentialProvider, (provider) => provider.read(...call)),
  update: (...call) => during(credentialProvider, (provider) => provider.update(...call)),
  delete: (...call) => during(credentialProvider, (provider) => provider.delete(...call)),
};

/** The provider of SharePoint sites. */
export const siteGrant: SiteGrantProvider = {
  diff: (...call) => during(siteGrantProvider, (provider) => provider.diff(...call)),
  create: (...call) => during(siteGrantProvider, (provider) => provider.create(...call)),
  read: (...call) => during(siteGrantProvider, (provider) => provider.read(...call)),
  update: (...call) => during(siteGrantProvider, (provider) => provider.update(...call)),
  delete: (...call) => during(siteGrantProvider, (provider) => provider.delete(...call)),
};

/** Connections of the calls that are under way. None outlives the last of them: it would keep the process alive. */
let open: { readonly transport: Transport; calls: number } | undefined;

async function during<Provider, Result>(
  makeProvider: (world: ProviderWorld) => Provider,
  work: (provider: Provider) => Promise<Result>,
): Promise<Result> {
  const { env } = process;
  const aheadMilliseconds =
    (readClockSetting(env["COPILOT_TOKEN_CLOCK"])?.getTime() ?? Date.now()) - Date.now();
  const own = (open ??= { transport: httpsTransport(env), calls: 0 });
  own.calls += 1;
  try {
    const provider = makeProvider({
      env,
      exchange: own.transport.exchange,
      now: () => new Date(Date.now() + aheadMilliseconds),
      elapsed: () => performance.now(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      progress: () => undefined,
    });
    return await work(provider);
  } finally {
    own.calls -= 1;
    if (own.calls === 0) {
      open = undefined;
      own.transport.close();
    }
  }
}
