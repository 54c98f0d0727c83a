import { createRequire } from "node:module";

/**
 * Loaded into every Node.js process of the emulated environment by `NODE_OPTIONS`. Node.js before 22.21 does not heed
 * `HTTPS_PROXY` in its own `fetch`, which would then reach real Azure: there the first `fetch` puts a dispatcher in
 * force that does. Newer ones do it themselves, by `NODE_USE_ENV_PROXY`.
 */
const knowsProxies = process.allowedNodeEnvironmentFlags.has("--use-env-proxy");
if (!knowsProxies && process.env["COPILOT_TOKEN_EMULATOR"] !== undefined) {
  const own = globalThis.fetch;
  globalThis.fetch = async (...asked) => {
    globalThis.fetch = own;
    const { EnvHttpProxyAgent, setGlobalDispatcher } = createRequire(__filename)(
      "undici",
    ) as typeof import("undici");
    setGlobalDispatcher(new EnvHttpProxyAgent());
    return own(...asked);
  };
}
