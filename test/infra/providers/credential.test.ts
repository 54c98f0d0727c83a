import { beforeEach, describe, expect, it } from "vitest";
import { ConnectionError } from "../../../azure/connectionError";
import type { HttpAnswer, HttpRequest } from "../../../azure/http";
import type { RecordedCredential, WantedCredential } from "../../../core/secrets/credentialState";
import { credentialDisplayName } from "../../../core/secrets/credentialName";
import type { FaultPlan } from "../../../emulator/server/faults";
import { credentialProvider, type CredentialProvider } from "../../../infra/providers/credential";
import { deployStack, stackId, type DeployedStack } from "../../support/deployedStack";
import { armEnvironment, azureExchange, jsonAnswer, testWorld } from "../../support/testWorld";
import { wantedSecret } from "../../support/wantedSecret";

const app = "CopilotAPIAuth";

/** What becomes of an answer on its way; an error loses it. */
type Spoil = (request: HttpRequest, answer: HttpAnswer) => HttpAnswer | ConnectionError;

let stack: DeployedStack;
let provider: CredentialProvider;
let asked: string[];
let spoil: Spoil;
beforeEach(async () => {
  await deploy();
});

async function deploy(faults: FaultPlan = {}): Promise<void> {
  stack = await deployStack({ faults });
  asked = [];
  spoil = (_request, answer) => answer;
  const azure = azureExchange(stack.tenant);
  const world = testWorld({
    now: () => stack.clock.now(),
    onSleep: (milliseconds) => {
      stack.clock.advance(milliseconds);
    },
  });
  provider = credentialProvider({
    ...world,
    env: { ...armEnvironment(stack.tenant, "deployer") },
    elapsed: () => stack.clock.now().getTime(),
    exchange: async (request, timeoutMilliseconds) => {
      const answer = await azure(request, timeoutMilliseconds);
      const { pathname } = new URL(request.url);
      if (request.method !== "GET") asked.push(`${request.method} ${pathname.split("/").at(-1) ?? ""}`);
      const spoilt = spoil(request, answer);
      if (spoilt instanceof Error) throw spoilt;
      return spoilt;
    },
  });
}

const outputs = () => {
  const found = stack.outputs.apps[app];
  if (found === undefined) throw new Error("the stack has no app");
  return found;
};
const vault = () => {
  const data = stack.tenant.state.vaults[stack.outputs.vaultName];
  if (data === undefined) throw new Error("there is no vault");
  return data;
};
const versions = () => vault().secrets[app.toLowerCase()]?.versions ?? [];
const keyIds = (): string[] =>
  (stack.tenant.state.directory.applications[outputs().applicationObjectId]?.passwordCredentials ?? []).map(
    ({ keyId }) => keyId,
  );
const writes = (): string[] => asked.filter((request) => request !== "POST token");

const wanted = (more: Partial<WantedCredential> = {}): WantedCredential => wantedSecret(stack, more);

/** The second client secret, published. */
async function published(more: Partial<WantedCredential> = {}): Promise<RecordedCredential> {
  return (await provider.create(wanted(more))).outs;
}

const isAddPassword = ({ url }: HttpRequest): boolean => url.endsWith("/addPassword");
const isPublication = ({ method, url }: HttpRequest): boolean =>
  method === "PUT" && url.includes("/secrets/");
const reset = new ConnectionError("CONNECTION_RESET", "dropped");

/** Does something to the first requests of a kind, and lets the others be. */
function first(
  count: number,
  isMeant: (request: HttpRequest) => boolean,
  answer: HttpAnswer | ConnectionError,
): Spoil {
  let left = count;
  return (request, given) => (isMeant(request) && left-- > 0 ? answer : given);
}

describe("a new client secret", () => {
  it("is added, verified and published, in this order, and leaves only identifiers behind", async () => {
    const before = keyIds();
    const { id, outs } = await provider.create(wanted({ consumerTags: { AllowedBots: "bot" } }));
    expect(id).toBe(outputs().secretResourceId);
    expect(asked.filter((request, index) => request !== asked[index - 1])).toEqual([
      "POST token",
      "POST addPassword",
      "POST token",
      "PUT CopilotAPIAuth",
    ]);
    const version = versions().at(-1);
    expect(keyIds()).toEqual([...before, outs.keyId]);
    expect(outs).toEqual({
      sequence: 2,
      clientId: outputs().clientId,
      applicationId: `/applications/${outputs().applicationObjectId}`,
      secretResourceId: outputs().secretResourceId,
      consumerTags: { AllowedBots: "bot" },
      keyId: outs.keyId,
      startsAt: "2026-11-22T11:00:00Z",
      endsAt: "2027-04-05T11:00:00Z",
      versionUri: `https://copilot-test.vault.azure.net/secrets/CopilotAPIAuth/${version?.version ?? ""}`,
      verifiedAt: "2026-11-22T11:00:04.000Z",
      verifiedBy: "3 tokens",
    });
    expect(version).toMatchObject({
      contentType: "Entra client secret",
      enabled: true,
      exp: Date.parse("2027-04-05T11:00:00Z") / 1000,
      tags: {
        AllowedBots: "bot",
        app,
        clientId: outputs().clientId,
        keyId: outs.keyId,
        sequence: "2",
        startsAt: outs.startsAt,
        cause: "asked",
        verifiedAt: outs.verifiedAt,
        verifiedBy: "3 tokens",
      },
    });
    expect(JSON.stringify(outs)).not.toContain(version?.value);
  });

  it.each([
    ["is slow to reach every replica", { secretLag: { seconds: 60, flapping: true } }],
    [
      "meets throttling everywhere",
      {
        disturbances: (["entra", "graph", "arm"] as const).map((service) => ({
          service,
          every: 2,
          action: { kind: "status", status: 429, retryAfterSeconds: 1 } as const,
        })),
      },
    ],
  ] satisfies [string, FaultPlan][])("is published once where it %s", async (_what, faults) => {
    await deploy();
    const before = keyIds();
    stack.tenant.faults = faults;
    const { keyId } = await published();
    expect([keyIds(), versions().map(({ tags }) => tags?.["keyId"])]).toEqual([
      [...before, keyId],
      [...before, keyId],
    ]);
  });

  it.each([
    ["the connection broke", reset],
    ["the service was out of order", jsonAnswer(503, {})],
    ["something in between answered", { status: 200, headers: {}, body: "<html>" }],
  ])("is not doubled where the answer was lost: %s", async (_what, answer) => {
    const before = keyIds();
    spoil = first(1, isAddPassword, answer);
    const made = published();
    if (answer instanceof Error || answer.status === 503) {
      const { keyId } = await made;
      expect(keyIds()).toEqual([...before, keyId]);
    } else {
      await expect(made).rejects.toThrow("is a proxy or portal in between?");
      expect(keyIds()).toEqual(before);
    }
  });

  it("leaves alone what an earlier run left under the same name", async () => {
    const orphan = await stack.call(
      "POST",
      `https://graph.microsoft.com/v1.0/applications/${outputs().applicationObjectId}/addPassword`,
      { passwordCredential: { displayName: credentialDisplayName(app, 2, stackId) } },
    );
    const before = keyIds();
    spoil = first(1, isAddPassword, reset);
    const { keyId } = await published();
    expect(keyIds()).toEqual([...before, keyId]);
    expect(before).toContain(orphan["keyId"]);
  });

  it("recovers a deleted vault secret of its name", async () => {
    await provider.delete(outputs().secretResourceId);
    expect([versions().length, Object.keys(vault().deletedSecrets)]).toEqual([0, [app.toLowerCase()]]);
    const { keyId } = await published();
    expect(versions().map(({ tags }) => tags?.["sequence"])).toEqual(["1", "2"]);
    expect(versions().at(-1)?.tags?.["keyId"]).toBe(keyId);
  });
});

describe("a client secret that cannot be published", () => {
  const denied = jsonAnswer(403, { error: { code: "Forbidden", message: "No." } });

  it("is removed again where Entra does not accept it, and the message says so", async () => {
    const before = [keyIds(), versions()];
    spoil = (request, answer) =>
      new URLSearchParams(request.body).get("client_id") === outputs().clientId
        ? jsonAnswer(401, { error_description: "AADSTS7000215: Invalid client secret provided." })
        : answer;
    const failure = await published().catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: "SECRET_NOT_PUBLISHED" });
    expect((failure as Error).message).toMatch(
      /^Entra refused the new client secret of CopilotAPIAuth \(client ID [\w-]+, keyId ([\w-]+)\) for 1\d\d s: AADSTS7000215: .*\nThe new client secret of CopilotAPIAuth \(keyId \1\) was removed again, and the vault is unchanged\. Run the command again\.$/,
    );
    expect([keyIds(), versions()]).toEqual(before);
  });

  it("is removed again where the vault refuses it", async () => {
    const before = [keyIds(), structuredClone(versions())];
    stack.tenant.faults = {
      disturbances: [
        { service: "arm", method: "PUT", path: "/secrets/", action: { kind: "status", status: 403 } },
      ],
    };
    await expect(published()).rejects.toThrow("was removed again, and the vault is unchanged");
    expect([keyIds(), versions()]).toEqual(before);
  });

  it("stays where it is published, although the answer was lost", async () => {
    const before = keyIds();
    spoil = first(1000, isPublication, reset);
    const { keyId, versionUri } = await published();
    expect(keyIds()).toEqual([...before, keyId]);
    expect(versionUri.endsWith(versions().at(-1)?.version ?? "none")).toBe(true);
  });

  it("is named where it cannot be removed", async () => {
    spoil = (request, answer) =>
      isPublication(request) || request.url.endsWith("/removePassword") ? denied : answer;
    stack.tenant.faults = {
      disturbances: [
        { service: "arm", method: "PUT", path: "/secrets/", action: { kind: "status", status: 403 } },
      ],
    };
    await expect(published()).rejects.toThrow(
      /keyId [\w-]+\) could not be removed again \(Microsoft Graph answered 403 .*the command rotate removes it once it is an hour old/,
    );
  });

  it("shows its value in no error", async () => {
    const values: string[] = [];
    spoil = (request, answer) => {
      if (isAddPassword(request)) values.push((JSON.parse(answer.body) as { secretText: string }).secretText);
      // A careless service repeats what it was sent.
      return isPublication(request) ? { status: 400, headers: {}, body: request.body ?? "" } : answer;
    };
    stack.tenant.faults = {
      disturbances: [
        { service: "arm", method: "PUT", path: "/secrets/", action: { kind: "status", status: 400 } },
      ],
    };
    const failure = await published().catch((error: unknown) => error as Error);
    expect(values).toHaveLength(1);
    expect((failure as Error).message).not.toContain(values[0]);
  });
});

describe("a published client secret", () => {
  const refreshed = async (record: RecordedCredential): Promise<RecordedCredential> =>
    (await provider.read("id", record)).props as RecordedCredential;
  const portal: Readonly<Record<string, { readonly fault: string; readonly change: () => void }>> = {
    "is removed in the portal": {
      fault: "removed from Entra",
      change: () => {
        const application = stack.tenant.state.directory.applications[outputs().applicationObjectId];
        application?.passwordCredentials.pop();
      },
    },
    "is replaced in the vault": {
      fault: "replaced in the vault",
      change: () => {
        const [current] = versions().slice(-1);
        if (current !== undefined) versions().push({ ...current, version: "f".repeat(32), value: "other" });
      },
    },
    "is disabled in the vault": {
      fault: "disabled in the vault",
      change: () => {
        Object.assign(versions().at(-1) ?? {}, { enabled: false });
      },
    },
    "expires in the vault": {
      fault: "expired in the vault",
      change: () => {
        Object.assign(versions().at(-1) ?? {}, { exp: stack.clock.now().getTime() / 1000 });
      },
    },
    "is deleted from the vault": {
      fault: "missing in the vault",
      change: () => {
        Reflect.deleteProperty(vault().secrets, app.toLowerCase());
      },
    },
  };

  it("is the same after a refresh", async () => {
    const record = await published();
    expect(await refreshed(record)).toEqual(record);
    expect(await provider.diff("id", record, wanted())).toEqual({ changes: false, replaces: [] });
  });

  it.each(Object.keys(portal))(
    "gets a successor after a refresh where it %s, and nothing is removed",
    async (what) => {
      const record = await published();
      portal[what]?.change();
      const before = keyIds();
      const seen = await refreshed(record);
      expect(seen.fault).toBe(portal[what]?.fault);
      expect((await provider.diff("id", seen, wanted())).changes).toBe(true);
      asked = [];
      const { outs } = await provider.update("id", seen, wanted());
      expect(writes()).toEqual(["POST addPassword", "PUT CopilotAPIAuth"]);
      expect(outs).not.toHaveProperty("fault");
      expect(keyIds()).toEqual([...before, outs.keyId]);
      expect(versions().at(-1)).toMatchObject({ enabled: true, tags: { keyId: outs.keyId, sequence: "2" } });
      expect(await refreshed(outs)).toEqual(outs);
    },
  );

  it("is taken for the state where a killed run did not record it", async () => {
    const { outs: record } = await provider.create(wanted());
    const before = [keyIds(), structuredClone(versions())];
    asked = [];
    expect((await provider.create(wanted())).outs).toEqual(record);
    expect([writes(), [keyIds(), versions()]]).toEqual([[], before]);
  });

  it("gets other tags of consumers in place, without a new value", async () => {
    const record = await published();
    const changed = wanted({ consumerTags: { AllowedBots: "bot" } });
    expect((await provider.diff("id", record, changed)).changes).toBe(true);
    const { value, version } = versions().at(-1) ?? {};
    asked = [];
    const { outs } = await provider.update("id", record, changed);
    expect(writes()).toEqual(["PATCH CopilotAPIAuth"]);
    expect(versions().at(-1)).toMatchObject({
      value,
      version,
      tags: { AllowedBots: "bot", keyId: record.keyId },
    });
    expect(outs).toEqual({ ...record, consumerTags: { AllowedBots: "bot" } });
  });

  it.each<[string, (version: ReturnType<typeof versions>[number]) => void]>([
    ["own tag was changed", ({ tags }) => Object.assign(tags ?? {}, { keyId: "gone", sequence: "0" })],
    ["own tag was deleted", ({ tags }) => Reflect.deleteProperty(tags ?? {}, "startsAt")],
    ["consumer's tag was deleted", ({ tags }) => Reflect.deleteProperty(tags ?? {}, "AllowedBots")],
    ["tag was added", ({ tags }) => Object.assign(tags ?? {}, { note: "edited" })],
    ["expiry was changed", (version) => Object.assign(version, { exp: (version.exp ?? 0) + 86_400 })],
    ["expiry was deleted", (version) => Reflect.deleteProperty(version, "exp")],
  ])("is written as it was after a refresh where its %s, without a new value", async (_what, edit) => {
    const edited = wanted({ consumerTags: { AllowedBots: "bot" } });
    const record = (await provider.create(edited)).outs;
    const [version] = versions().slice(-1);
    if (version === undefined) throw new Error("nothing is published");
    const written = structuredClone({ ...version, updated: 0 });
    edit(version);
    const seen = await refreshed(record);
    expect(seen).toEqual({ ...record, edited: true });
    expect((await provider.diff("id", seen, edited)).changes).toBe(true);
    asked = [];
    expect((await provider.update("id", seen, edited)).outs).toEqual(record);
    expect(writes()).toEqual(["PATCH CopilotAPIAuth"]);
    expect({ ...versions().at(-1), updated: 0 }).toEqual(written);
    expect(await refreshed(record)).toEqual(record);
  });

  it.each([
    ["the plan of verification", { tokens: 9, overSeconds: 9, patienceSeconds: 9 }],
    ["the lifetime of what would be made now", { lifetimeDays: 365 }],
    [
      "the stack's ID, which a state without outputs lacks",
      { displayName: "copilot-token CopilotAPIAuth-2 other" },
    ],
  ])("stays for %s", async (_what, more) => {
    const record = await published();
    expect((await provider.diff("id", record, wanted(more))).changes).toBe(false);
  });

  it("stays in Entra when its app leaves the stack: the vault alone deletes it, recoverably", async () => {
    const record = await published();
    const before = keyIds();
    asked = [];
    await provider.delete(record.secretResourceId);
    expect([writes(), keyIds()]).toEqual([["DELETE CopilotAPIAuth"], before]);
    expect(Object.keys(vault().deletedSecrets)).toEqual([app.toLowerCase()]);
    await provider.delete(record.secretResourceId);
  });
});

describe("the state of an earlier release", () => {
  /** The outputs of `azure-native.keyvault.Secret`. */
  const earlier = () => {
    const [version] = versions();
    const base = `${stack.outputs.vaultUri}secrets/${app}`;
    return {
      name: app,
      tags: { ...version?.tags, provedAt: "2026-11-22T10:00:10.000Z", provedBy: "5 tokens" },
      properties: {
        attributes: { enabled: true, expires: version?.exp },
        secretUriWithVersion: `${base}/${version?.version ?? ""}`,
      },
    };
  };

  it("moves over without a request", async () => {
    const olds = earlier();
    const current = wanted({ sequence: 1 });
    const id = outputs().secretResourceId;
    expect(await provider.diff(id, olds, current)).toEqual({ changes: true, replaces: [] });
    const { outs } = await provider.update(id, olds, current);
    expect(asked).toEqual([]);
    expect(outs).toMatchObject({
      sequence: 1,
      keyId: outputs().credential.keyId,
      endsAt: "2027-04-05T10:00:00Z",
      verifiedBy: "5 tokens",
      consumerTags: {},
    });
    expect(await provider.diff(id, outs, current)).toEqual({ changes: false, replaces: [] });
    expect((await provider.read(id, outs)).props).toEqual(outs);
  });

  it("moves over together with a rotation that is due", async () => {
    const before = keyIds();
    const { outs } = await provider.update(outputs().secretResourceId, earlier(), wanted());
    expect([keyIds(), outs.sequence]).toEqual([[...before, outs.keyId], 2]);
  });
});

describe("a certificate", () => {
  const certificateName = `${app}-certificate`;
  const recordId = (): string => `${outputs().secretResourceId}-signing-key`;
  const application = () => stack.tenant.state.directory.applications[outputs().applicationObjectId];
  const registered = (): Record<string, unknown>[] =>
    (application()?.["keyCredentials"] ?? []) as Record<string, unknown>[];
  const records = () => vault().secrets[`${app}-signing-key`.toLowerCase()]?.versions ?? [];
  const keys = () => vault().keys?.[certificateName.toLowerCase()]?.versions ?? [];
  const certificate = { name: certificateName, keySize: 2048, exportable: false, format: "pfx" } as const;
  const wantedCertificate = (more: Partial<WantedCredential> = {}): WantedCredential =>
    wanted({ sequence: 1, cause: "first", secretResourceId: recordId(), certificate, ...more });
  const make = async (more: Partial<WantedCredential> = {}) =>
    (await provider.create(wantedCertificate(more))).outs;

  it("is made in the vault, registered, verified and published, in this order", async () => {
    const outs = await make();
    expect(asked.filter((request, index) => request !== asked[index - 1])).toEqual([
      "POST token",
      "POST create",
      "POST sign",
      "PATCH " + outputs().applicationObjectId,
      ...Array.from({ length: 3 }, () => ["POST sign", "POST token"]).flat(),
      "PUT CopilotAPIAuth-signing-key",
    ]);
    const [key] = keys();
    const keyUri = `https://copilot-test.vault.azure.net/keys/${certificateName}/${key?.version ?? ""}`;
    expect(outs).toMatchObject({ sequence: 1, verifiedBy: "3 tokens", certificate: { keyUri } });
    expect(registered()).toMatchObject([
      {
        keyId: outs.keyId,
        displayName: credentialDisplayName(app, 1, stackId),
        startDateTime: outs.startsAt,
        endDateTime: "2027-04-05T11:00:00Z",
        type: "AsymmetricX509Cert",
        usage: "Verify",
      },
    ]);
    expect(records()).toMatchObject([
      {
        value: keyUri,
        contentType: "Key Vault key of an Entra certificate",
        tags: { keyId: outs.keyId, sequence: "1", keyUri, thumbprint: outs.certificate?.thumbprint },
      },
    ]);
    expect(await provider.diff("id", outs, wantedCertificate())).toEqual({ changes: false, replaces: [] });
    expect((await provider.read(recordId(), outs)).props).toEqual(outs);
  });

  it("leaves its private key in the vault", async () => {
    const outs = await make();
    const privateKey = keys()[0]?.privateKey ?? "none";
    const file = Buffer.from(
      vault().secrets[certificateName.toLowerCase()]?.versions[0]?.value ?? "",
      "base64",
    );
    const pkcs12Identifier = Buffer.from("06092a864886f70d010701", "hex");
    expect(file.includes(pkcs12Identifier)).toBe(true);
    const keyBytes = Buffer.from(privateKey.replace(/-----[^-]+-----|\s/g, ""), "base64");
    // The first 300 bytes are the modulus, which the certificate has too.
    expect(file.includes(keyBytes.subarray(400, 460))).toBe(false);
    expect(JSON.stringify([outs, records(), registered()])).not.toContain(privateKey.slice(40, 100));
    expect(vault().certificates?.[certificateName.toLowerCase()]?.versions[0]?.policy).toMatchObject({
      key_props: { kty: "RSA", key_size: 2048, exportable: false, reuse_key: false },
      // One that renews itself would get a key that Entra does not know.
      lifetime_actions: [{ action: { action_type: "EmailContacts" } }],
    });
  });

  it("keeps every other certificate of the application exactly as it was", async () => {
    const others = await make();
    const before = structuredClone(registered());
    const { keyId } = await make({ sequence: 2, cause: "due" });
    expect(registered().slice(0, 1)).toEqual(before);
    expect(registered().map((one) => one["keyId"])).toEqual([others.keyId, keyId]);
    expect(records().map(({ tags }) => tags?.["sequence"])).toEqual(["1", "2"]);
  });

  it("is published once where replicas are slow and every service throttles", async () => {
    stack.tenant.faults = {
      graphLag: { seconds: 20, replicas: 3 },
      disturbances: (["entra", "graph", "arm", "keyVault"] as const).map((service) => ({
        service,
        every: 3,
        action: { kind: "status", status: 429, retryAfterSeconds: 1 } as const,
      })),
    };
    const { keyId } = await make();
    expect([registered().map((one) => one["keyId"]), records().length]).toEqual([[keyId], 1]);
  });

  it("is taken back from the application where Entra does not accept it", async () => {
    const kept = await make();
    spoil = (request, answer) =>
      new URLSearchParams(request.body).has("client_assertion")
        ? jsonAnswer(401, { error_description: "AADSTS700027: The certificate is not registered." })
        : answer;
    await expect(make({ sequence: 2 })).rejects.toThrow(
      /^Entra refused the new certificate of CopilotAPIAuth .*\nThe new certificate of .* was removed again, and nothing was published\./s,
    );
    expect(registered().map((one) => one["keyId"])).toEqual([kept.keyId]);
    expect(records().length).toBe(1);
  });

  it("changes nothing at the application where the caller may not sign", async () => {
    spoil = (request, answer) =>
      request.url.includes("/sign?")
        ? jsonAnswer(403, { error: { code: "Forbidden", message: "No." } })
        : answer;
    await expect(make()).rejects.toThrow("403");
    expect([registered(), records()]).toEqual([[], []]);
  });

  it.each([
    [
      "lifetime",
      { restrictionType: "asymmetricKeyLifetime", maxLifetime: "P30D" },
      "CredentialInvalidLifetime",
    ],
    ["authorities", { restrictionType: "trustedCertificateAuthority" }, "CredentialTypeNotAllowed"],
  ])("is refused by a tenant's policy on certificates: %s", async (_what, restriction, code) => {
    Object.assign(stack.tenant.state.directory.policies.defaultAppManagementPolicy, {
      isEnabled: true,
      applicationRestrictions: { keyCredentials: [{ state: "enabled", ...restriction }] },
    });
    await expect(make()).rejects.toThrow(`${code}AsPerAppPolicy`);
    expect([registered(), records()]).toEqual([[], []]);
  });

  it("is adopted where a run was killed after the publication", async () => {
    const outs = await make();
    asked = [];
    expect(await make()).toEqual(outs);
    expect(writes()).toEqual([]);
  });

  it("gets a successor where its key was disabled, or the application lost it", async () => {
    const outs = await make();
    const [key] = keys();
    const [version] = vault().certificates?.[certificateName.toLowerCase()]?.versions ?? [];
    if (key === undefined || version === undefined) throw new Error("there is no key");
    version.enabled = false;
    expect((await provider.read(recordId(), outs)).props).toMatchObject({
      fault: "key missing in the vault",
    });
    version.enabled = true;
    Object.assign(application() ?? {}, { keyCredentials: [] });
    const { props } = await provider.read(recordId(), outs);
    expect(props).toMatchObject({ fault: "removed from Entra" });
    expect((await provider.diff("id", props, wantedCertificate())).changes).toBe(true);
    const next = (await provider.update(recordId(), props, wantedCertificate())).outs;
    expect(registered().map((one) => one["keyId"])).toEqual([next.keyId]);
  });

  it("leaves the vault with its key, recoverably, and stays in Entra when its app leaves the stack", async () => {
    const outs = await make();
    await provider.delete(recordId(), outs);
    expect([Object.keys(vault().deletedKeys ?? {}), registered().length]).toEqual([
      [certificateName.toLowerCase()],
      1,
    ]);
    const again = await make({ sequence: 2 });
    expect(keys().length).toBe(2);
    expect(again.certificate?.keyUri).toContain(keys()[1]?.version);
  });
});
