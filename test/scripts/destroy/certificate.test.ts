import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StackOutputs } from "../../../core/outputs/stackOutputs";
import { destroyedStack, type DestroyedStack } from "../../support/destroyedStack";

const permissions = ["User.Read.All"];
const withCertificate = { permissions, credential: "certificate" };

/** Every test goes on from the stack that the one before left. */
describe("the end of an app with a certificate", () => {
  let stack: DestroyedStack;
  let outputs: StackOutputs;
  const state = () => stack.tenant.state;
  const up = async (settings?: Readonly<Record<string, unknown>>): Promise<void> => {
    const run = await stack.up(settings);
    expect(run).toMatchObject({ ok: true, failures: [] });
    outputs = await stack.outputs();
  };
  const mail = () => {
    const { certificate, applicationObjectId = "" } = outputs.apps["Mail"] ?? {};
    if (certificate === undefined) throw new Error("the stack has no certificate");
    return { applicationObjectId, certificate };
  };
  const vault = () => state().vaults[Object.keys(state().vaults)[0] ?? ""];
  const registered = (): unknown[] => {
    const found = state().directory.applications[mail().applicationObjectId]?.["keyCredentials"];
    return Array.isArray(found) ? found.map((one: { keyId: string }) => one.keyId) : [];
  };

  beforeAll(async () => {
    stack = await destroyedStack();
    await up({ apps: { Mail: withCertificate, Other: { permissions } } });
  });
  afterAll(() => {
    stack.close();
  });

  it("takes the certificate with its key out of the vault when the app leaves the settings", async () => {
    const { applicationObjectId } = mail();
    expect(Object.keys(vault()?.keys ?? {})).toEqual(["mail-certificate"]);
    await up({ apps: { Other: { permissions } } });
    expect([Object.keys(vault()?.certificates ?? {}), Object.keys(vault()?.keys ?? {})]).toEqual([[], []]);
    expect(Object.keys(vault()?.secrets ?? {})).toEqual(["other"]);
    expect(Object.keys(state().directory.deletedItems)).toContain(applicationObjectId);
  });

  it("makes another certificate under the deleted name when the app comes back", async () => {
    await up({ apps: { Mail: withCertificate, Other: { permissions } } });
    expect(registered()).toEqual([mail().certificate.credential.keyId]);
    expect(vault()?.certificates?.["mail-certificate"]?.versions).toHaveLength(2);
  });

  it("is destroyed with the stack, and comes back with its vault, and with another certificate", async () => {
    const { applicationObjectId, certificate } = mail();
    const destroyed = await stack.destroy("destroy");
    expect([destroyed.exitCode, destroyed.report.failures]).toEqual([0, []]);
    const restored = await stack.destroy("restore");
    expect(restored.exitCode, JSON.stringify(restored.report.outcomes)).toBe(0);
    const adopt = restored.report.wayIn.flatMap((line) => / (\/subscriptions\/\S+)/.exec(line)?.[1] ?? []);
    await up({
      vault: { adopt: adopt[0] },
      apps: { Mail: { ...withCertificate, adopt: applicationObjectId } },
    });
    const now = mail().certificate;
    expect(now.credential.keyId).not.toBe(certificate.credential.keyId);
    expect(registered()).toEqual([certificate.credential.keyId, now.credential.keyId]);
    const published = vault()?.secrets["mail-signing-key"]?.versions.at(-1);
    expect(published?.tags?.["keyId"]).toBe(now.credential.keyId);
  });
});
