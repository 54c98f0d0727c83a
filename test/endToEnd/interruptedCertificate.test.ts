import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStackOutputs } from "../../core/outputs/stackOutputs";
import { killableStack, type FinishingRun, type KillableStack, type Remains } from "../support/killPoints";
import { trimGraph } from "../support/trimmedGraph";

const minutes = (count: number): number => count * 60_000;

describe("a run that makes a certificate and was killed", () => {
  let stack: KillableStack;
  beforeAll(async () => {
    stack = await killableStack(({ identities }) => ({
      vault: { readers: [{ id: identities.verifier.objectId, type: "ServicePrincipal" }] },
      apps: { Mail: { permissions: ["User.Read.All"], credential: "certificate" } },
    }));
    trimGraph(stack.tenant, ["User.Read.All"]);
  });
  afterAll(() => stack.close());

  /** What the application accepts, and what is published of it. */
  function seen(run: FinishingRun) {
    const { directory, vaults } = stack.tenant.state;
    const app = readStackOutputs(run.outputs).apps["Mail"];
    if (app?.certificate === undefined) throw new Error("the stack has no certificate");
    const { certificateName, secretName, credential } = app.certificate;
    const [vault] = Object.values(vaults);
    const published = vault?.secrets[secretName.toLowerCase()]?.versions.at(-1);
    const keys = vault?.keys?.[certificateName.toLowerCase()]?.versions ?? [];
    const registered = directory.applications[app.applicationObjectId ?? ""]?.["keyCredentials"];
    return {
      credential,
      publishedKeyId: published?.tags?.["keyId"],
      hasPublishedKey: keys.some(({ version }) => published?.value.endsWith(`/${version}`) === true),
      keyIds: Array.isArray(registered) ? registered.map((one: { keyId: string }) => one.keyId) : [],
    };
  }

  /** At most one certificate is left over beside the published one, for `rotate` to remove. */
  async function finish(remains: Remains): Promise<void> {
    const [moment] = remains.moments;
    stack.goBackTo(remains);
    const run = await stack.up();
    expect(run.ok, `${remains.moments.join(", ")}\n${run.said}`).toBe(true);
    const { credential, publishedKeyId, hasPublishedKey, keyIds } = seen(run);
    expect([moment, publishedKeyId, hasPublishedKey]).toEqual([moment, credential.keyId, true]);
    expect(keyIds).toContain(credential.keyId);
    expect(keyIds.length).toBeLessThanOrEqual(2);
    const again = await stack.up();
    expect([moment, again.steps, again.writes]).toEqual([moment, [], []]);
  }

  it(
    "is finished by up alone, wherever it was killed",
    async () => {
      const first = await stack.observed();
      const deployed = { tenant: structuredClone(stack.tenant.state), checkpoint: stack.checkpoint() };
      expect(
        first.remains.flatMap(({ moments }) => moments).filter((moment) => /\/sign$/.test(moment)),
      ).not.toEqual([]);
      for (const remains of first.remains) await finish(remains);

      stack.goBackTo(deployed);
      const rotation = await stack.observed({ COPILOT_TOKEN_ROTATE: "Mail" });
      for (const remains of rotation.remains) await finish(remains);
      expect(first.remains.length + rotation.remains.length).toBeGreaterThan(20);
    },
    minutes(20),
  );
});
