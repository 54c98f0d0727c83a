import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEmulatedAzure } from "../../../../emulator/pulumi/providers/emulatorOnly";
import {
  configuredEnvironment,
  readProviderSignIn,
} from "../../../../emulator/pulumi/providers/providerSignIn";
import { restClient } from "../../../../emulator/pulumi/providers/restClient";
import { handleGitHubActions, workflowVariables } from "../../../../emulator/github/githubActions";
import { describeJob } from "../../../../emulator/github/githubJob";
import { trustSubject } from "../../../../emulator/tenant/seedTrust";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../../support/emulatedAzureServer";

const graphScope = "https://graph.microsoft.com/.default";
const read = {
  method: "GET",
  url: "https://graph.microsoft.com/v1.0/servicePrincipals?$top=1",
  scope: graphScope,
} as const;

let azure: EmulatedAzureServer;
let other: EmulatedAzureServer;
beforeAll(async () => {
  [azure, other] = await Promise.all([startEmulatedAzure(), startEmulatedAzure()]);
});
afterAll(() => Promise.all([azure.close(), other.close()]));

/** The environment of the emulated tenant with something else in it. */
const but = (changes: Record<string, string | undefined>): NodeJS.ProcessEnv => ({
  ...azure.environment,
  ...changes,
});

describe("readEmulatedAzure", () => {
  it.each([
    ["nothing says that there is an emulator", { COPILOT_TOKEN_EMULATOR: undefined }],
    ["the proxy is another one than the emulator's", { HTTPS_PROXY: "http://127.0.0.1:1" }],
    [
      "the proxy is not on this machine",
      { HTTPS_PROXY: "http://10.0.0.1:3128", COPILOT_TOKEN_EMULATOR: "http://10.0.0.1:3128" },
    ],
    [
      "there is no proxy",
      { HTTPS_PROXY: undefined, https_proxy: undefined, COPILOT_TOKEN_EMULATOR: undefined },
    ],
    ["there is no CA", { NODE_EXTRA_CA_CERTS: undefined }],
  ])("refuses when %s", (_case, changes) => {
    expect(() => readEmulatedAzure(but(changes))).toThrow(
      expect.objectContaining({ code: "EMULATOR_REQUIRED", message: expect.stringContaining("pulumi up") }),
    );
  });
});

describe("restClient", () => {
  it.each(["ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_SUBSCRIPTION_ID"])(
    "wants nothing until it is used, and then names %s when it is missing",
    async (name) => {
      const client = restClient(but({ [name]: "" }));
      await expect(client.send(read)).rejects.toThrow(
        expect.objectContaining({ code: "EMULATOR_SIGN_IN", message: expect.stringContaining(name) }),
      );
    },
  );

  it("signs in once for many requests", async () => {
    const client = restClient(azure.environment);
    azure.requests();
    const answers = await Promise.all([1, 2, 3].map(() => client.send(read)));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(azure.requests().filter((request) => request.includes("/oauth2/"))).toHaveLength(1);
  });

  it("trusts the emulator's own CA and no other, so that nothing else can answer", async () => {
    const bundle = join(azure.folder, "swapped.pem");
    const { certificateAuthority } = readEmulatedAzure(azure.environment);
    // What Azure's own certificates would be: trusted by the machine, but not the emulator's.
    writeFileSync(bundle, readEmulatedAzure(other.environment).certificateAuthority + certificateAuthority);
    const client = restClient(but({ NODE_EXTRA_CA_CERTS: bundle }));

    await expect(client.send(read)).rejects.toThrow("login.microsoftonline.com cannot be reached");
  });

  it("waits out throttling and passing faults", async () => {
    const client = restClient(azure.environment);
    await client.claims(graphScope);
    azure.requests();
    azure.tenant.faults = {
      disturbances: [
        { service: "graph", times: 1, action: { kind: "status", status: 429, retryAfterSeconds: 0 } },
        { service: "graph", times: 1, action: { kind: "drop" } },
        { service: "graph", times: 1, action: { kind: "status", status: 503, retryAfterSeconds: 0 } },
      ],
    };
    const { status } = await client.send(read);
    azure.tenant.faults = {};

    expect(status).toBe(200);
    expect(azure.requests().map((request) => request.split(" ").at(-1))).toEqual(["429", "0", "503", "200"]);
  });

  it("gives up with what the service said", async () => {
    const client = restClient(azure.environment);
    azure.tenant.faults = {
      disturbances: [{ service: "graph", action: { kind: "status", status: 429, retryAfterSeconds: 0 } }],
    };
    const { status } = await client.send(read);
    azure.tenant.faults = {};

    expect(status).toBe(429);
  });

  describe("by OIDC", () => {
    const job = { repository: "contoso/agents", environment: "deploy" };
    let jobVariables: Awaited<ReturnType<typeof workflowVariables>>;
    let assertion: string;
    beforeAll(async () => {
      const { applicationObjectId } = azure.tenant.identities.deployer;
      trustSubject(azure.tenant, applicationObjectId, describeJob(job).subject);
      jobVariables = await workflowVariables(azure.tenant, job);
      const asked = new Request(
        `${jobVariables.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api://AzureADTokenExchange`,
        {
          headers: { Authorization: `Bearer ${jobVariables.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
        },
      );
      assertion = ((await (await handleGitHubActions(asked, azure.tenant)).json()) as { value: string })
        .value;
      writeFileSync(join(azure.folder, "assertion"), `${assertion}\n`);
    });

    const noSecret = (changes: Record<string, string>): NodeJS.ProcessEnv =>
      but({ ARM_CLIENT_SECRET: undefined, ARM_USE_OIDC: "true", ...changes });

    it.each<[string, () => Record<string, string>]>([
      ["GitHub's address", () => jobVariables],
      ["a variable", () => ({ ARM_OIDC_TOKEN: assertion })],
      ["a file", () => ({ ARM_OIDC_TOKEN_FILE_PATH: join(azure.folder, "assertion") })],
    ])("takes the assertion from %s", async (_source, variables) => {
      const client = restClient(noSecret(variables()));
      expect(await client.claims(graphScope)).toMatchObject({
        appid: azure.tenant.identities.deployer.clientId,
        appidacr: "2",
      });
    });

    it("says what is missing", async () => {
      const client = restClient(noSecret({}));
      await expect(client.send(read)).rejects.toThrow(
        expect.objectContaining({
          code: "EMULATOR_SIGN_IN",
          message: expect.stringContaining("ACTIONS_ID_TOKEN_REQUEST_URL"),
        }),
      );
    });

    it("says that GitHub gave none, without the token that asked", async () => {
      const stale = { ...jobVariables, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "st4le" };
      const client = restClient(noSecret(stale));
      await expect(client.send(read)).rejects.toThrow(
        expect.objectContaining({
          code: "SIGN_IN_REFUSED",
          message: expect.stringMatching(/^ACTIONS_ID_TOKEN_REQUEST_URL gave no assertion: 401(?!.*st4le)/),
        }),
      );
    });

    it("comes after a client secret, which the real providers take first", () => {
      const { clientSecret } = azure.tenant.identities.deployer;
      expect(readProviderSignIn(but({ ARM_USE_OIDC: "true", ...jobVariables })).credential).toEqual({
        clientSecret,
      });
    });

    it("is as the provider's configuration says, and as the environment says of all else", () => {
      const environment = but({ ARM_CLIENT_SECRET: undefined, ...jobVariables });
      const config = { clientId: "granter", useOidc: "true", oidcToken: "assertion", tenantId: "" };
      expect(readProviderSignIn(configuredEnvironment(environment, config))).toEqual({
        clientId: "granter",
        tenantId: azure.tenant.state.tenantId,
        subscriptionId: azure.tenant.state.subscriptionId,
        credential: { assertion: { kind: "value", variable: "ARM_OIDC_TOKEN", assertion: "assertion" } },
      });
    });
  });

  it("says why it cannot sign in, without the secret", async () => {
    const client = restClient(but({ ARM_CLIENT_SECRET: "wr0ng-s3cret" }));

    await expect(client.send(read)).rejects.toThrow(
      expect.objectContaining({
        code: "SIGN_IN_REFUSED",
        message: expect.stringMatching(/AADSTS7000215(?!.*wr0ng-s3cret)/),
      }),
    );
  });
});
