import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azureClient } from "../../azure/azureClient";
import { Credential } from "../../azure/credential";
import { requestToken } from "../../azure/entra";
import { entra, keyVault, serviceAt } from "../../azure/services";
import { signIn } from "../../azure/signIn";
import { signedAssertion } from "../../azure/signedAssertion";
import { vaultAddress } from "../../azure/keyVault";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { readKeyUri } from "../../core/secrets/certificateKey";
import { verify } from "../../scripts/verify/verify";
import { killableStack, type KillableStack } from "../support/killPoints";
import { armEnvironment, azureExchange, testWorld } from "../support/testWorld";

const sharePoint = serviceAt("SharePoint", "contoso.sharepoint.com");
const site = "https://contoso.sharepoint.com/sites/team/_api/web";

describe("apps with SharePoint's own permission", () => {
  let stack: KillableStack;
  let outputs: StackOutputs;

  beforeAll(async () => {
    stack = await killableStack(({ identities }) => {
      const apis = { Office365SharePointOnline: ["Sites.Read.All"] };
      const readers = [{ id: identities.deployer.objectId, type: "ServicePrincipal" }];
      return {
        apps: {
          Pages: { apis, credential: "certificate", readers },
          PagesBySecret: { apis, readers },
        },
      };
    });
    const run = await stack.up();
    expect(run.ok, run.said).toBe(true);
    outputs = readStackOutputs(run.outputs);
  });
  afterAll(() => stack.close());

  const world = () =>
    testWorld({
      exchange: azureExchange(stack.tenant),
      env: armEnvironment(stack.tenant, "deployer"),
      now: () => stack.tenant.clock.now(),
    });

  /** Calls SharePoint as an app, by the code with which this project asks for tokens. */
  async function callAs(name: string): Promise<[number, unknown]> {
    const here = world();
    const client = azureClient(here, { waitSeconds: 0 });
    const identity = signIn(here.env, client);
    const app = outputs.apps[name];
    const { clientId = "", certificate, ...others } = app ?? {};
    const { tenantId } = outputs;
    const vaultName = new URL(outputs.vaultUri).hostname.split(".")[0] ?? "";
    const published = async (secretName: string) => {
      const url = vaultAddress(client.cloud, vaultName, `/secrets/${secretName}`);
      const reply = await client.send({
        to: keyVault,
        method: "GET",
        url,
        token: await identity.getToken(keyVault),
      });
      return JSON.parse(reply.body) as { value: string; tags: { thumbprint: string } };
    };
    const credential = await (async () => {
      if (certificate === undefined) {
        const secretName = "secretName" in others ? String(others.secretName) : "";
        return { clientSecret: new Credential((await published(secretName)).value, entra) };
      }
      const { value, tags } = await published(certificate.secretName);
      const key = readKeyUri(client.cloud, value);
      if (key === undefined) throw new Error(`${value} is no key`);
      const { thumbprint } = tags;
      const by = { tenantId, clientId, key, thumbprint };
      return { clientAssertion: await signedAssertion(client, identity, by, here.now()) };
    })();
    const outcome = await requestToken(client, { tenantId, clientId, credential, resource: sharePoint });
    if (!outcome.ok) throw new Error(outcome.refusal.description);
    const { token } = outcome;
    const reply = await client.send({ to: sharePoint, method: "GET", url: new URL(site), token });
    return [reply.status, reply.body];
  }

  it("are verified by tokens for SharePoint, whichever their credential", async () => {
    const report = await verify(world(), { loaded: { outputs, from: "a test" }, waitSeconds: 0 });
    expect(
      report.checks.filter(({ id }) => id === "other-apis").map(({ app, status }) => [app, status]),
    ).toEqual([
      ["Pages", "pass"],
      ["PagesBySecret", "pass"],
    ]);
    expect(report.verified).toBe(true);
  });

  it("read a site by SharePoint's REST API with a certificate, and are refused with a client secret", async () => {
    const [status, body] = await callAs("Pages");
    expect([status, JSON.parse(String(body))]).toMatchObject([200, { Title: "Contoso Team" }]);
    expect(await callAs("PagesBySecret")).toEqual([401, "Unsupported app only token."]);
  });
});
