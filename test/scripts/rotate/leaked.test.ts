import { clouds } from "../../../core/cloud/clouds";
import { createSigningKey } from "../../../emulator/entra/signingKey";
import { stackId } from "../../support/deployedStack";
import { describe, expect, it } from "vitest";
import { azure } from "../../../emulator/server/azure";
import { tokenRequest } from "../../../core/secrets/clientCredentials";
import { runMoments } from "../../support/modelProgram";
import { rotatedStack, untilKilled, type RotatedStack } from "../../support/rotatedStack";
import { jsonAnswer, type Interception } from "../../support/testWorld";

const graph = "https://graph.microsoft.com/v1.0";

/** What Entra says to a client secret now: `token`, or its refusal's code. */
async function tried({ stack }: RotatedStack, clientSecret: string): Promise<string> {
  const { clientId } = stack.outputs.apps["CopilotAPIAuth"] ?? { clientId: "" };
  const { url, headers, body } = tokenRequest({
    cloud: clouds.public,
    tenantId: stack.outputs.tenantId,
    clientId,
    clientSecret,
  });
  const response = await azure(stack.tenant)(new Request(url, { method: "POST", headers, body }));
  if (response.ok) return "token";
  return ((await response.json()) as { error_description: string }).error_description.split(":")[0] ?? "";
}

const publishedValue = ({ stack }: RotatedStack): string =>
  stack.tenant.state.vaults[stack.outputs.vaultName]?.secrets["copilotapiauth"]?.versions.at(-1)?.value ?? "";

/** A client secret that someone adds by hand: to the application, or where the portal shows none. */
async function addSecret(
  { stack }: RotatedStack,
  displayName: string,
  holder: "applications" | "servicePrincipals" = "applications",
): Promise<string> {
  const { applicationObjectId, servicePrincipalObjectId } = stack.outputs.apps["CopilotAPIAuth"] ?? {};
  const objectId = holder === "applications" ? applicationObjectId : servicePrincipalObjectId;
  const made = await stack.call("POST", `${graph}/${holder}/${objectId ?? ""}/addPassword`, {
    passwordCredential: { displayName },
  });
  return String(made["secretText"]);
}

async function addCertificate({ stack }: RotatedStack, displayName: string): Promise<void> {
  const { applicationObjectId } = stack.outputs.apps["CopilotAPIAuth"] ?? { applicationObjectId: "" };
  await stack.call("PATCH", `${graph}/applications/${applicationObjectId}`, {
    keyCredentials: [
      {
        keyId: "4f1f2b7e-8c55-4a0e-9d4e-3f6f1c2b9a77",
        displayName,
        type: "AsymmetricX509Cert",
        usage: "Verify",
        key: (await createSigningKey()).certificate,
        startDateTime: "2026-11-22T10:00:00Z",
        endDateTime: "2027-11-22T10:00:00Z",
      },
    ],
  });
}

const certificatesOf = ({ stack }: RotatedStack): unknown => {
  const { applicationObjectId } = stack.outputs.apps["CopilotAPIAuth"] ?? { applicationObjectId: "" };
  return stack.tenant.state.directory.applications[applicationObjectId]?.["keyCredentials"];
};

describe("rotate --leaked", () => {
  it("publishes a new secret and removes every other credential, known or not", async () => {
    const rotated = await rotatedStack();
    const old = publishedValue(rotated);
    const stranger = await addSecret(rotated, "for the demo");
    const hidden = await addSecret(rotated, "by the back door", "servicePrincipals");
    await addCertificate(rotated, "CN=build");
    expect(await Promise.all([old, stranger, hidden].map((value) => tried(rotated, value)))).toEqual([
      "token",
      "token",
      "token",
    ]);

    const report = await rotated.rotate("leaked");
    expect(report).toMatchObject({
      ok: true,
      apps: [{ occasion: "leaked", after: { sequence: 2, cause: "leaked" } }],
    });
    expect(
      report.apps[0]?.removed.map(({ kind, displayName, reason }) => [kind, displayName, reason]),
    ).toEqual([
      ["client secret", `copilot-token CopilotAPIAuth-1 ${stackId}`, "leaked"],
      ["client secret", "for the demo", "leaked"],
      ["client secret", "by the back door", "leaked"],
      ["certificate", "CN=build", "leaked"],
    ]);
    expect(
      await Promise.all(
        [old, stranger, hidden, publishedValue(rotated)].map((value) => tried(rotated, value)),
      ),
    ).toEqual(["AADSTS7000215", "AADSTS7000215", "AADSTS7000215", "token"]);
    expect([rotated.live(), certificatesOf(rotated)]).toEqual([["2"], []]);
  });

  it("names a federated credential and leaves it: it holds no secret", async () => {
    const rotated = await rotatedStack();
    const { applicationObjectId } = rotated.stack.outputs.apps["CopilotAPIAuth"] ?? {
      applicationObjectId: "",
    };
    const path = `${graph}/applications/${applicationObjectId}/federatedIdentityCredentials`;
    await rotated.stack.call("POST", path, {
      name: "github",
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/agent:ref:refs/heads/main",
      audiences: ["api://AzureADTokenExchange"],
    });
    const report = await rotated.rotate("leaked");
    expect(report.apps[0]?.left).toEqual([
      expect.stringContaining(
        "federated credential github (https://token.actions.githubusercontent.com, repo:contoso/agent",
      ),
    ]);
    expect(
      rotated.stack.tenant.state.directory.applications[applicationObjectId]?.federatedIdentityCredentials,
    ).toHaveLength(1);
  });

  it.each(runMoments)("never lets the leaked secret back once killed when it had %s", async (moment) => {
    const rotated = await rotatedStack();
    const old = publishedValue(rotated);
    rotated.killAt(moment);
    await untilKilled(rotated.rotate("leaked"));
    const meanwhile = rotated.published();
    await rotated.model.up();
    expect(rotated.published()).toEqual(meanwhile);

    const report = await rotated.rotate("leaked");
    expect(report).toMatchObject({ ok: true, apps: [{ after: { sequence: 2, cause: "leaked" } }] });
    expect(await tried(rotated, old)).toBe("AADSTS7000215");
    expect(rotated.live()).toEqual(["2"]);
  });

  it("finishes by a plain run what a killed one had published: the leak is remembered in the vault", async () => {
    const rotated = await rotatedStack();
    const old = publishedValue(rotated);
    rotated.killAt("published");
    await untilKilled(rotated.rotate("leaked"));
    expect(await tried(rotated, old)).toBe("token");
    rotated.advanceDays(7);
    const report = await rotated.rotate();
    expect(report.apps).toMatchObject([{ occasion: "unrecorded", removed: [{ reason: "leaked" }] }]);
    expect([await tried(rotated, old), rotated.live()]).toEqual(["AADSTS7000215", ["2"]]);
  });

  it("finishes by a plain run what Graph refused to remove", async () => {
    const refuse: { on: boolean } = { on: true };
    const intercept: Interception = ({ url }) =>
      refuse.on && url.endsWith("/removePassword")
        ? jsonAnswer(403, {
            error: { code: "Authorization_RequestDenied", message: "Insufficient privileges" },
          })
        : undefined;
    const rotated = await rotatedStack({ intercept });
    const old = publishedValue(rotated);
    const report = await rotated.rotate("leaked");
    expect(report.ok).toBe(false);
    expect(report.failures[0]?.message).toContain("could not be removed: Microsoft Graph answered 403");
    refuse.on = false;
    expect((await rotated.rotate()).ok).toBe(true);
    expect(await tried(rotated, old)).toBe("AADSTS7000215");
  });

  it("keeps, in plain runs, what was made after the leak was handled", async () => {
    const rotated = await rotatedStack();
    await rotated.rotate("leaked");
    rotated.advanceDays(1);
    const later = await addSecret(rotated, "made later");
    rotated.advanceDays(1);
    const report = await rotated.rotate();
    expect(report.apps[0]?.removed).toEqual([]);
    expect(await tried(rotated, later)).toBe("token");
  });

  it("takes the same leak, told twice within the hour, for one; --now makes it two", async () => {
    const rotated = await rotatedStack();
    await rotated.rotate("leaked");
    expect((await rotated.rotate("leaked")).apps).toMatchObject([{ occasion: null, after: { sequence: 2 } }]);
    expect((await rotated.rotate("leakedNow")).apps).toMatchObject([
      { occasion: "leaked", after: { sequence: 3 } },
    ]);
    rotated.stack.clock.advance(3_600_000);
    expect((await rotated.rotate("leaked")).apps).toMatchObject([
      { occasion: "leaked", after: { sequence: 4 } },
    ]);
    expect(rotated.live()).toEqual(["4"]);
  });

  it("says that the leaked secret still works when its successor could not be published", async () => {
    const rotated = await rotatedStack();
    const old = publishedValue(rotated);
    rotated.model.refusePublication = "the vault is away";
    const report = await rotated.rotate("leaked");
    expect(report).toMatchObject({
      ok: false,
      apps: [{ occasion: "leaked", after: { sequence: 1 }, removed: [] }],
    });
    expect(await tried(rotated, old)).toBe("token");
  });

  it("touches nothing that is not ours without a leak", async () => {
    const rotated = await rotatedStack();
    const stranger = await addSecret(rotated, "for the demo");
    await addCertificate(rotated, "CN=build");
    for (let rotation = 0; rotation < 3; rotation += 1) {
      rotated.advanceDays(60);
      await rotated.rotate();
    }
    expect(await tried(rotated, stranger)).toBe("token");
    expect(certificatesOf(rotated)).toHaveLength(1);
  });
});
