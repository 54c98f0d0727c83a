import { readClockSetting } from "../../core/clockSetting";
import { httpsTransport } from "../../azure/transport";
import { credentialProvider, type CredentialProvider } from "./credential";

/** The provider in the world of this process. States name it `clientSecret`: of certificates too. No connection outlives a call: it would keep the process alive. */
export const clientSecret: CredentialProvider = {
  diff: (...call) => during((provider) => provider.diff(...call)),
  create: (...call) => during((provider) => provider.create(...call)),
  read: (...call) => during((provider) => provider.read(...call)),
  update: (...call) => during((provider) => provider.update(...call)),
  delete: (...call) => during((provider) => provider.delete(...call)),
};

async function during<Result>(work: (provider: CredentialProvider) => Promise<Result>): Promise<Result> {
  const { env } = process;
  const transport = httpsTransport(env);
  const aheadMilliseconds =
    (readClockSetting(env["COPILOT_TOKEN_CLOCK"])?.getTime() ?? Date.now()) - Date.now();
  const provider = credentialProvider({
    env,
    exchange: transport.exchange,
    now: () => new Date(Date.now() + aheadMilliseconds),
    elapsed: () => performance.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    progress: () => undefined,
  });
  try {
    return await work(provider);
  } finally {
    transport.close();
  }
}
