import { clouds } from "../../core/cloud/clouds";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artefacts } from "../../copilot/artefacts";
import { artefactPaths } from "../../copilot/files";
import { certificateOperationId } from "../../copilot/byCertificate/certificateConnector";
import { chosenRequests } from "../../copilot/requests/chosenRequests";
import { defaultCopilotSettings } from "../../copilot/settings";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { signInByCertificate } from "../../emulator/powerPlatform/certificateConnection";
import { runOperation } from "../../emulator/powerPlatform/connectorOperation";
import { importConnector } from "../../emulator/powerPlatform/powerApps";
import { openStackState } from "../../emulator/pulumi/stackState";
import { azure } from "../../emulator/server/azure";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import { copilotAppOf } from "../../scripts/copilot/copilotInput";
import { emulatedPlatform } from "../../scripts/copilot/trial/emulatedPlatform";
import { inlineEngine } from "../../scripts/shared/engines/inlineEngine";
import { servedEngine, type ServedEngine } from "../support/servedEngine";

const run = promisify(execFile);
/** Interpreter with `azure-identity` and `azure-keyvault-secrets`. */
const python = process.env["AZURE_IDENTITY_PYTHON"];
/** The Azure CLI's command `az`. */
const az = process.env["AZURE_CLI"];
const page = readFileSync("docs/certificates.md", "utf8");

/** The block of code on docs/certificates.md that has a text. */
function codeWith(text: string): string {
  const blocks = [...page.matchAll(/```(?:js|sh|python)\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");
  const [found, ...others] = blocks.filter((code) => code.includes(text));
  if (found === undefined || others.length > 0)
    throw new Error(`${text} is in ${others.length} other blocks`);
  return found;
}

describe("what docs/certificates.md tells consumers", () => {
  let emulated: EmulatedTenant;
  let served: ServedEngine;
  let folder: string;
  let outputs: StackOutputs;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "consumers-"));
    emulated = await startTenant({ projectDir: folder, env: { PATH: process.env["PATH"], HOME: folder } });
    served = await servedEngine(azure(emulated.tenant));
    const { deployer } = emulated.tenant.identities;
    const readers = [{ id: deployer.objectId, type: "ServicePrincipal" }];
    const common = { permissions: ["User.Read.All"], credential: "certificate", readers };
    const engine = inlineEngine("a test", {
      projectDir: served.folder,
      stack: "test",
      environment: served.environmentOf(emulated.tenant, deployer),
      state: openStackState({
        project: "copilot-token",
        stack: "test",
        passphrase: randomBytes(16).toString("hex"),
      }),
      processes: served.processes,
      config: {
        "azure-native:location": "westeurope",
        "copilot-token:apps": JSON.stringify({
          Reports: common,
          Pem: { ...common, certificate: { exportable: true, format: "pem" } },
          Pfx: { ...common, certificate: { exportable: true, format: "pfx" } },
        }),
        "copilot-token:rotation": JSON.stringify({ verification: { tokens: 1, overSeconds: 0 } }),
        "copilot-token:protect": "false",
      },
    });
    const deployed = await engine.up();
    expect(deployed).toMatchObject({ ok: true, failures: [] });
    outputs = readStackOutputs(deployed.outputs);
  });
  afterAll(async () => {
    served.giveBack();
    await emulated.close();
    rmSync(folder, { recursive: true });
  });

  const appOf = (name: string) => {
    const app = outputs.apps[name];
    if (app?.certificate === undefined) throw new Error(`${name} has no certificate`);
    return { ...app, certificate: app.certificate };
  };

  /** Runs a module of JavaScript as a consumer, with the real Azure SDKs; gives what it prints, as JSON. */
  async function runModule(code: string): Promise<unknown> {
    const modules = join(folder, "consumer");
    mkdirSync(modules, { recursive: true });
    rmSync(join(modules, "node_modules"), { force: true });
    symlinkSync(resolve("node_modules"), join(modules, "node_modules"));
    writeFileSync(join(modules, "consumer.mjs"), code);
    const env = emulated.environmentOf(emulated.tenant.identities.deployer);
    const { stdout } = await run(process.execPath, [join(modules, "consumer.mjs")], { env });
    return JSON.parse(stdout);
  }
  const printClaims = `
    const { token } = await credential.getToken("https://graph.microsoft.com/.default");
    const { appid, appidacr, roles } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    console.log(JSON.stringify([appid, appidacr, roles]));`;

  it("signs in by a key that never leaves the vault, with the Azure SDK", async () => {
    const { clientId } = appOf("Reports");
    const given = [outputs.tenantId, clientId, outputs.vaultUri]
      .map((text) => JSON.stringify(text))
      .join(", ");
    const code = `${codeWith("ClientAssertionCredential(")}
      const credential = reportsCredential(${given});${printClaims}`;
    expect(await runModule(code)).toEqual([clientId, "2", ["User.Read.All"]]);
  });

  it("signs in by an exported PEM, with the Azure SDK", async () => {
    const { clientId } = appOf("Pem");
    const code = `
      import { ClientCertificateCredential, DefaultAzureCredential } from "@azure/identity";
      import { SecretClient } from "@azure/keyvault-secrets";
      const [tenantId, clientId] = ${JSON.stringify([outputs.tenantId, clientId])};
      const secrets = new SecretClient(${JSON.stringify(outputs.vaultUri)}, new DefaultAzureCredential());
      ${codeWith("new ClientCertificateCredential(").replaceAll("Reports-", "Pem-")}${printClaims}`;
    expect(await runModule(code)).toEqual([clientId, "2", ["User.Read.All"]]);
  });

  it.skipIf(python === undefined)(
    "signs in by an exported PFX, with the Azure SDK for Python (AZURE_IDENTITY_PYTHON)",
    async () => {
      const { clientId } = appOf("Pfx");
      const given = JSON.stringify([outputs.tenantId, clientId, outputs.vaultUri]);
      const code = `${codeWith("CertificateCredential, DefaultAzureCredential\nfrom").replaceAll("Reports-", "Pfx-")}
import base64, json
token = reports_credential(*${given}).get_token("https://graph.microsoft.com/.default").token
claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
print(json.dumps([claims["appid"], claims["appidacr"], claims["roles"]]))`;
      const env = emulated.environmentOf(emulated.tenant.identities.deployer);
      const { stdout } = await run(python ?? "", ["-c", code], { env });
      expect(JSON.parse(stdout)).toEqual([clientId, "2", ["User.Read.All"]]);
    },
  );

  it.skipIf(az === undefined)(
    "lets the vault sign an assertion for Postman, with the Azure CLI (AZURE_CLI)",
    async () => {
      const { clientId } = appOf("Reports");
      const vaultName = new URL(outputs.vaultUri).hostname.split(".")[0] ?? "";
      const script = codeWith("az keyvault key sign")
        .replace("<vault name>", vaultName)
        .replace("<client ID>", clientId)
        .replace("<tenant ID>", outputs.tenantId)
        .replace(/\| pbcopy.*$/m, "");
      const env = emulated.environmentOf(emulated.tenant.identities.deployer);
      const PATH = [dirname(az ?? ""), env["PATH"]].join(delimiter);
      const { stdout } = await run("sh", ["-c", script], { env: { ...env, PATH } });
      const answer = await azure(emulated.tenant)(
        new Request(`https://login.microsoftonline.com/${outputs.tenantId}/oauth2/v2.0/token`, {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: clientId,
            scope: "https://graph.microsoft.com/.default",
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: stdout,
          }),
        }),
      );
      expect(await answer.json()).toMatchObject({ token_type: "Bearer" });
    },
  );

  it("signs a connection of Power Platform in by an exported PFX, and the connector asks Microsoft Graph", async () => {
    const app = copilotAppOf(clouds.public, "Pfx", outputs.tenantId, appOf("Pfx"));
    if (app === undefined) throw new Error("no files are made for the app");
    const zip = artefacts(app, defaultCopilotSettings).get(artefactPaths.connectorZip);
    if (!(zip instanceof Uint8Array)) throw new Error("there is no connector");
    const { tenant } = emulated;
    const platform = emulatedPlatform(tenant);
    const connector = importConnector(tenant, "7d0a2c64-58f1-4e39-9b07-c3e5a1f8d246", zip);
    const [vault] = Object.values(tenant.state.vaults);
    const file = vault?.secrets["pfx-certificate"]?.versions.at(-1);
    expect(file?.contentType).toBe("application/x-pkcs12");
    const pfx = Buffer.from(file?.value ?? "", "base64");
    const connection = { clientId: app.clientId, tenantId: outputs.tenantId, pfx };
    const signIn = await signInByCertificate(connector, connection, platform);
    if (!("accessToken" in signIn)) throw new Error(signIn.refusal);
    const [request] = chosenRequests(app, defaultCopilotSettings);
    const operation = request === undefined ? "" : certificateOperationId(request);
    const answer = await runOperation(connector, operation, signIn.accessToken, platform);
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining("Adele Vance")]);
    const other = { ...connection, clientId: appOf("Reports").clientId };
    expect(await signInByCertificate(connector, other, platform)).toEqual({
      refusal: expect.stringContaining("AADSTS700027") as string,
    });
  });
});
