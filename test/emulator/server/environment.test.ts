import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emulatedEnvironment, writeCaFiles } from "../../../emulator/server/environment";

const caPem = "-----BEGIN CERTIFICATE-----\nemulator\n-----END CERTIFICATE-----\n";
const identity = {
  displayName: "Deployer",
  clientId: "client",
  applicationObjectId: "application",
  objectId: "principal",
  clientSecret: "secret",
};
const options = {
  proxyUrl: "http://127.0.0.1:4711",
  caFiles: { extraCaFile: "/p/ca.pem", bundleFile: "/p/bundle.pem", azureFolder: "/p/azure" },
  tenantId: "tenant",
  subscriptionId: "subscription",
  projectDir: "/project",
};

describe("emulatedEnvironment", () => {
  it("is all that a child needs to meet the emulated Azure", () => {
    expect(
      emulatedEnvironment({ ...options, signIns: [identity], base: { PATH: "/bin", HOME: "/home" } }),
    ).toEqual({
      PATH: "/bin",
      HOME: "/home",
      COPILOT_TOKEN_EMULATOR: "http://127.0.0.1:4711",
      HTTPS_PROXY: "http://127.0.0.1:4711",
      https_proxy: "http://127.0.0.1:4711",
      HTTP_PROXY: "http://127.0.0.1:4711",
      http_proxy: "http://127.0.0.1:4711",
      NO_PROXY: "localhost,127.0.0.1,::1",
      no_proxy: "localhost,127.0.0.1,::1",
      NODE_EXTRA_CA_CERTS: "/p/ca.pem",
      SSL_CERT_FILE: "/p/bundle.pem",
      REQUESTS_CA_BUNDLE: "/p/bundle.pem",
      CURL_CA_BUNDLE: "/p/bundle.pem",
      ARM_TENANT_ID: "tenant",
      ARM_SUBSCRIPTION_ID: "subscription",
      ARM_CLIENT_ID: "client",
      ARM_CLIENT_SECRET: "secret",
      AZURE_TENANT_ID: "tenant",
      AZURE_SUBSCRIPTION_ID: "subscription",
      AZURE_CLIENT_ID: "client",
      AZURE_CLIENT_SECRET: "secret",
      AZURE_CONFIG_DIR: "/p/azure/client",
      NODE_USE_ENV_PROXY: "1",
      AZURE_CORE_COLLECT_TELEMETRY: "false",
      PULUMI_HOME: "/project/.copilot-token/pulumi",
      PULUMI_BACKEND_URL: "file:///project/.copilot-token/state",
      PULUMI_CONFIG_PASSPHRASE: "emulated",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  });

  it("drops what leads to a real Azure or around the proxy, in any spelling", () => {
    const inherited = {
      ARM_USE_OIDC: "true",
      ARM_METADATA_HOSTNAME: "management.example",
      arm_client_id: "real",
      AZURE_FEDERATED_TOKEN_FILE: "/token",
      AZURE_AUTHORITY_HOST: "https://login.example",
      IDENTITY_ENDPOINT: "http://169.254.169.254",
      MSI_ENDPOINT: "http://169.254.169.254",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://github.example",
      ALL_PROXY: "http://company",
      all_proxy: "http://company",
      No_Proxy: "graph.microsoft.com",
      PULUMI_ACCESS_TOKEN: "pul-1",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/passphrase",
      UNSET: undefined,
    };
    const own = emulatedEnvironment({ ...options, base: {} });
    expect(emulatedEnvironment({ ...options, base: inherited })).toEqual(own);
  });

  const workload = { identityEndpoint: "http://127.0.0.1:1/msi/token", identityHeader: "header" };
  const job = { jobVariables: { GITHUB_ACTIONS: "true", ACTIONS_ID_TOKEN_REQUEST_URL: "https://idtoken" } };

  it.each([
    ["nobody", [], {}],
    [
      "code in Azure",
      [workload],
      { IDENTITY_ENDPOINT: "http://127.0.0.1:1/msi/token", IDENTITY_HEADER: "header" },
    ],
    [
      "code in Azure with an identity of its own",
      [{ ...workload, clientId: "mine" }],
      {
        IDENTITY_ENDPOINT: "http://127.0.0.1:1/msi/token",
        IDENTITY_HEADER: "header",
        AZURE_CLIENT_ID: "mine",
      },
    ],
    ["a job", [job], { ...job.jobVariables, ARM_USE_OIDC: "true" }],
    [
      "a job that signs in",
      [{ ...job, clientId: "app" }],
      { ...job.jobVariables, ARM_USE_OIDC: "true", ARM_CLIENT_ID: "app" },
    ],
    [
      "several, of whom the first decides",
      [identity, workload, { ...job, clientId: "app" }],
      {
        ...job.jobVariables,
        ARM_USE_OIDC: "true",
        IDENTITY_ENDPOINT: "http://127.0.0.1:1/msi/token",
        IDENTITY_HEADER: "header",
        ARM_CLIENT_ID: "client",
        ARM_CLIENT_SECRET: "secret",
        AZURE_CLIENT_ID: "client",
        AZURE_CLIENT_SECRET: "secret",
      },
    ],
  ])("lets a child be %s", (_who, signIns, variables) => {
    const nobody = emulatedEnvironment({ ...options, base: {} });
    const folder = "AZURE_CLIENT_SECRET" in variables ? { AZURE_CONFIG_DIR: "/p/azure/client" } : {};
    expect(emulatedEnvironment({ ...options, signIns, base: {} })).toEqual({
      ...nobody,
      ...variables,
      ...folder,
    });
  });

  it("gives no credentials without an identity", () => {
    const names = Object.keys(emulatedEnvironment({ ...options, base: {} }));
    expect(names.filter((name) => /CLIENT/.test(name))).toEqual([]);
  });
});

describe("writeCaFiles", () => {
  let projectDir: string;

  beforeEach(async () => {
    projectDir = await mkdtemp(join(tmpdir(), "copilot-token-ca-"));
  });

  afterEach(() => rm(projectDir, { recursive: true }));

  it("writes the CA alone, and with the system's roots, for the owner alone", async () => {
    const roots = join(projectDir, "roots.pem");
    await writeFile(roots, "company root");
    const { extraCaFile, bundleFile } = await writeCaFiles(projectDir, caPem, { SSL_CERT_FILE: roots });
    expect([await readFile(extraCaFile, "utf8"), await readFile(bundleFile, "utf8")]).toEqual([
      caPem,
      `${caPem}company root\n`,
    ]);
    const modes = [extraCaFile, bundleFile, join(projectDir, ".copilot-token")].map(
      async (path) => (await stat(path)).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o600, 0o600, 0o700]);
  });

  it("keeps a company's own extra CA", async () => {
    const extra = join(projectDir, "extra.pem");
    await writeFile(extra, "company extra");
    const { extraCaFile } = await writeCaFiles(projectDir, caPem, { NODE_EXTRA_CA_CERTS: extra });
    expect(await readFile(extraCaFile, "utf8")).toBe(`${caPem}company extra\n`);
  });

  it("removes the certificates that Node.js has built in, whatever their line ends", async () => {
    const [first = "", second = ""] = rootCertificates;
    const company = "# company\n-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----";
    const extra = join(projectDir, "extra.pem");
    await writeFile(extra, [first, company, second].join("\n").replaceAll("\n", "\r\n"));
    const { extraCaFile } = await writeCaFiles(projectDir, caPem, { NODE_EXTRA_CA_CERTS: extra });
    const kept = (await readFile(extraCaFile, "utf8")).replaceAll("\r\n", "\n");
    expect(kept).toBe(`${caPem}${company}\n`);
  });

  it("finds roots where the environment names none, and ignores a file that is missing", async () => {
    const { bundleFile } = await writeCaFiles(projectDir, caPem, {
      SSL_CERT_FILE: join(projectDir, "missing"),
    });
    const certificates = (await readFile(bundleFile, "utf8")).match(/BEGIN CERTIFICATE/g) ?? [];
    expect(certificates.length).toBeGreaterThan(50);
  });

  it("makes the folders that the environment names", async () => {
    const caFiles = await writeCaFiles(projectDir, caPem, {});
    const environment = emulatedEnvironment({ ...options, caFiles, projectDir, base: {} });
    for (const path of [environment["PULUMI_HOME"], environment["PULUMI_BACKEND_URL"]?.slice(7)]) {
      expect((await stat(path ?? "")).isDirectory()).toBe(true);
    }
  });
});
