import { resolve } from "node:path";
import { httpsTransport } from "../../azure/transport";
import { startTenant } from "../../emulator/startTenant";

// Prints how many milliseconds pass from starting an emulated tenant to its first answer. In a process of its own, because
// all tenants of a process share Entra's signing key.
async function main(): Promise<void> {
  const startedAt = performance.now();
  const emulated = await startTenant({ projectDir: resolve(".") });
  const { tenantId } = emulated.tenant.state;
  const transport = httpsTransport({ HTTPS_PROXY: emulated.proxyUrl }, { ca: emulated.caPem });
  const url = `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`;
  const { status } = await transport.exchange({ method: "GET", url }, 10_000);
  const milliseconds = performance.now() - startedAt;
  transport.close();
  await emulated.close();
  if (status !== 200) throw new Error(`the tenant's first answer has status ${status}`);
  process.stdout.write(`${milliseconds}\n`);
}

void main();
