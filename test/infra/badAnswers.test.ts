import { defaultAccess } from "../../core/permissions/existingConsents";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azureClient } from "../../azure/azureClient";
import { isOperatorError } from "../../core/errors";
import type { WantedCredential } from "../../core/secrets/credentialState";
import { graphObjectId } from "../../emulator/tenant/seed";
import { directoryBy, type Directory } from "../../infra/plan/directory";
import { credentialProvider, type CredentialProvider } from "../../infra/providers/credential";
import {
  badAnswerNames,
  spoiledNetwork,
  type BadAnswerName,
  type SpoiledNetwork,
} from "../support/badAnswers";
import { deployStack, stackId, type DeployedStack } from "../support/deployedStack";
import { armEnvironment, testWorld } from "../support/testWorld";
import { wantedSecret } from "../support/wantedSecret";

// What the program asks at `pulumi up`. The commands are in test/badAnswers.test.ts.

const entra = "login.microsoftonline.com";
const graph = "graph.microsoft.com";
const arm = "management.azure.com";
const vaultHost = "copilot-test.vault.azure.net";

let stack: DeployedStack;
let network: SpoiledNetwork;
let saved: string;

beforeAll(async () => {
  stack = await deployStack();
  const { applications } = stack.tenant.state.directory;
  applications[appOf().applicationObjectId]?.federatedIdentityCredentials.push({
    id: "6f0b2c1d-3e4a-4b5c-8d7e-9f0a1b2c3d4e",
    name: "job",
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:o/r:environment:e",
    audiences: ["api://AzureADTokenExchange"],
    description: null,
  });
  stack.tenant.state.directory.oauth2PermissionGrants = {
    grant: {
      id: "grant",
      clientId: appOf().servicePrincipalObjectId,
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: graphObjectId,
      scope: "User.Read",
    },
  };
  const user = Object.values(stack.tenant.state.directory.users)[0];
  stack.tenant.state.directory.appRoleAssignments["assigned"] = {
    id: "assigned",
    appRoleId: defaultAccess,
    createdDateTime: "2026-11-20T10:00:00Z",
    principalDisplayName: user?.displayName ?? "",
    principalId: user?.id ?? "",
    principalType: "User",
    resourceDisplayName: "CopilotAPIAuth",
    resourceId: appOf().servicePrincipalObjectId,
  };
  network = await spoiledNetwork();
  saved = JSON.stringify(stack.tenant.state);
});
afterAll(() => network.close());

function appOf() {
  const app = stack.outputs.apps["CopilotAPIAuth"];
  if (app === undefined) throw new Error("the stack has no app");
  return app;
}
const vaultId = (): string => appOf().secretResourceId.replace(/\/secrets\/.*/, "");

/** The world of one question: one host answers badly, and a slow machine's time for waiting is soon over. */
function worldOf(host: string, how: BadAnswerName | undefined, writesOnly = false) {
  Object.assign(stack.tenant.state, JSON.parse(saved));
  let slept = 0;
  const opened = network.open(stack.tenant, how === undefined ? undefined : { host, how, writesOnly });
  const now = (): Date => new Date(stack.clock.now().getTime() + slept);
  const world = testWorld({
    env: armEnvironment(stack.tenant, "deployer"),
    exchange: opened.exchange,
    now,
    onSleep: (milliseconds) => {
      slept += 20 * milliseconds;
    },
  });
  return { world, opened, elapsed: () => now().getTime() };
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
  /** Whether any answer was not the service's own. */
  readonly isSpoiled: boolean;
}

/** @param work Must end in a value or in an error for people, and ask no one else. */
async function outcomeOf(
  host: string,
  how: BadAnswerName | undefined,
  work: (world: ReturnType<typeof worldOf>) => Promise<unknown>,
  writesOnly = false,
): Promise<Outcome> {
  const one = worldOf(host, how, writesOnly);
  try {
    const value = await work(one);
    return { value, isSpoiled: one.opened.changed() > 0 };
  } catch (error) {
    if (!isOperatorError(error)) throw error;
    expect(error.message.length).toBeLessThan(20_000);
    for (const secret of stack.secrets) expect(error.message).not.toContain(secret);
    return { error: error.message, isSpoiled: one.opened.changed() > 0 };
  } finally {
    expect(one.world.sleptSeconds()).toBeLessThan(1_000);
    one.opened.close();
    for (const asked of one.opened.hosts) expect([entra, graph, arm, vaultHost]).toContain(asked);
  }
}

interface Question {
  readonly name: string;
  readonly host: string;
  readonly ask: (directory: Directory) => Promise<unknown>;
  /** Answers in the service's own words after which it is another fact: nothing there, or not to be seen. */
  readonly otherFact?: readonly BadAnswerName[];
}

const list: readonly BadAnswerName[] = ["200 empty list"];

const questions: readonly Question[] = [
  { name: "caller", host: entra, ask: (directory) => directory.caller() },
  {
    name: "application",
    host: graph,
    ask: (directory) => directory.application(appOf().applicationObjectId),
    otherFact: ["404"],
  },
  {
    name: "applicationsNamed",
    host: graph,
    ask: (directory) => directory.applicationsNamed("CopilotAPIAuth"),
    otherFact: list,
  },
  {
    name: "applicationsMarked",
    host: graph,
    ask: (directory) => directory.applicationsMarked(stackId),
    otherFact: list,
  },
  {
    name: "federatedCredentialCount",
    host: graph,
    ask: (directory) => directory.federatedCredentialCount(appOf().applicationObjectId),
    otherFact: list,
  },
  {
    name: "grantsOf",
    host: graph,
    ask: (directory) => directory.grantsOf(appOf().servicePrincipalObjectId, graphObjectId),
    otherFact: [...list, "404"],
  },
  {
    name: "consentsOf",
    host: graph,
    ask: (directory) => directory.consentsOf(appOf().servicePrincipalObjectId, graphObjectId),
    otherFact: [...list, "403", "404"],
  },
  {
    name: "assignmentsTo",
    host: graph,
    ask: (directory) => directory.assignmentsTo(appOf().servicePrincipalObjectId),
    otherFact: [...list, "404"],
  },
  {
    name: "servicePrincipalOf",
    host: graph,
    ask: (directory) => directory.servicePrincipalOf(appOf().clientId),
    otherFact: list,
  },
  { name: "hasVault", host: arm, ask: (directory) => directory.hasVault(vaultId()), otherFact: ["404"] },
  {
    name: "importIdOf, by ARM",
    host: arm,
    ask: (directory) =>
      directory.importIdOf({ kind: "arm", id: vaultId(), apiVersion: "2024-11-01" }, "caller"),
    otherFact: ["403", "404"],
  },
  {
    name: "importIdOf, by Graph",
    host: graph,
    ask: (directory) =>
      directory.importIdOf(
        {
          kind: "federatedCredential",
          applicationObjectId: appOf().applicationObjectId,
          name: "job",
        },
        "caller",
      ),
    otherFact: [...list, "403", "404"],
  },
  {
    name: "remove",
    host: arm,
    // Anything that can be deleted will do.
    ask: async (directory) => {
      await directory.remove(vaultId(), "2024-11-01");
      return Object.keys(stack.tenant.state.arm.deletedVaults);
    },
  },
];

const wanted = (): WantedCredential => wantedSecret(stack);

const keyIds = (): string[] =>
  (stack.tenant.state.directory.applications[appOf().applicationObjectId]?.passwordCredentials ?? []).map(
    ({ keyId }) => keyId,
  );
const vaultSecret = () => stack.tenant.state.vaults["copilot-test"]?.secrets["copilotapiauth"];

function providerIn({ world, elapsed }: ReturnType<typeof worldOf>): CredentialProvider {
  return credentialProvider({ ...world, env: { ...world.env }, elapsed });
}

const makingRows = [
  { host: entra, writesOnly: false },
  { host: graph, writesOnly: false },
  { host: graph, writesOnly: true },
  { host: arm, writesOnly: false },
  { host: arm, writesOnly: true },
];
const readingHosts = [graph, arm];

/** Answers with which the work is done: a link to a next page is no part of an answer that is no list. */
function isDone(host: string, writesOnly: boolean, how: BadAnswerName): boolean {
  return /\blink\b/.test(how) || (writesOnly && host === arm && how === "200 truncated");
}

describe("a host that answers badly to the program", () => {
  it.each(questions)(
    "makes no other fact of what the directory is asked: $name of $host",
    async ({ name, host, ask, otherFact = [] }) => {
      const asking = ({ world }: ReturnType<typeof worldOf>): Promise<unknown> =>
        ask(directoryBy(azureClient(world, { waitSeconds: 60 }), { ...world.env }));
      const { value: truth } = await outcomeOf(host, undefined, asking);
      expect(JSON.stringify(truth)).not.toMatch(/^(\[\]|false|0)?$/);
      for (const how of badAnswerNames) {
        const { value, error, isSpoiled } = await outcomeOf(host, how, asking);
        const isLie = error === undefined && JSON.stringify(value) !== JSON.stringify(truth);
        expect({ name, how, isLie }).toEqual({ name, how, isLie: isSpoiled && otherFact.includes(how) });
      }
    },
  );

  it.each(makingRows)(
    "keeps a client secret from counting as made unless it is verified and published: $host, writes only: $writesOnly",
    async ({ host, writesOnly }) => {
      const before = (JSON.parse(saved) as typeof stack.tenant.state).vaults["copilot-test"]?.secrets;
      for (const how of [undefined, ...badAnswerNames]) {
        const create = (one: ReturnType<typeof worldOf>): Promise<unknown> =>
          providerIn(one).create(wanted());
        const { value, error } = await outcomeOf(host, how, create, writesOnly);
        const made = value as Awaited<ReturnType<CredentialProvider["create"]>> | undefined;
        // Half of an answer to a write: what it did is found by a look.
        const isMade = how === undefined || isDone(host, writesOnly, how);
        expect({ how, error, isMade: made !== undefined }).toEqual({ how, error, isMade });
        if (made !== undefined) {
          expect(keyIds()).toContain(made.outs.keyId);
          expect(vaultSecret()?.versions.at(-1)?.tags?.["keyId"]).toBe(made.outs.keyId);
          continue;
        }
        // The vault serves what it served, and no secret is left that the message does not name.
        expect(vaultSecret()).toEqual(before?.["copilotapiauth"]);
        const left = keyIds().filter((keyId) => keyId !== appOf().credential.keyId);
        for (const keyId of left)
          expect({ how, error }).toEqual({ how, error: expect.stringContaining(keyId) as string });
      }
    },
  );

  it.each(readingHosts)("makes no loss of a client secret that is there: %s", async (host) => {
    const made = async (): Promise<unknown> =>
      (await providerIn(worldOf(host, undefined)).create(wanted())).outs;
    const props = await made();
    const state = JSON.stringify(stack.tenant.state);
    const read = async (one: ReturnType<typeof worldOf>): Promise<unknown> => {
      Object.assign(stack.tenant.state, JSON.parse(state));
      return (await providerIn(one).read(wanted().secretResourceId, props)).props;
    };
    for (const how of badAnswerNames) {
      const { value, error } = await outcomeOf(host, how, read);
      const isLost = error === undefined && (value as { fault?: string }).fault !== undefined;
      expect({ how, isLost }).toEqual({ how, isLost: how === "404" });
    }
  });

  it("calls no vault secret deleted that is there", async () => {
    for (const how of [undefined, ...badAnswerNames]) {
      const { error } = await outcomeOf(vaultHost, how, (one) =>
        providerIn(one).delete(wanted().secretResourceId),
      );
      const isThere = vaultSecret() !== undefined;
      // In Key Vault's own words there is none.
      expect({ how, isThere: isThere && error === undefined }).toEqual({ how, isThere: how === "404" });
    }
  });

  it("is tried as often as the documentation says", () => {
    const rows = questions.length + makingRows.length + readingHosts.length + 1;
    const documented = /(\d+) more runs: (\d+) reads and writes of `pulumi up`/;
    expect(documented.exec(readFileSync("docs/threat-model.md", "utf8"))?.slice(1)).toEqual([
      String(rows * badAnswerNames.length),
      String(rows),
    ]);
  });
});
