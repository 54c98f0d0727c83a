import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import {
  continued,
  ofDestruction,
  readRecord,
  recordedResources,
  recordFile,
  type DestroyRecord,
} from "../../../scripts/destroy/destroyRecord";

const applicationId = "11111111-2222-4333-8444-555555555555";
const audienceId = "33333333-2222-4333-8444-555555555555";
const stackId = "57ac1d00-0000-4000-8000-000000000001";
const group = "/subscriptions/s/resourceGroups/copilot-token-dev-1";
const vaultId = `${group}/providers/Microsoft.KeyVault/vaults/kv`;
const held = (type: string, name: string, id: string, isRetained = false, parentType?: string) => ({
  type,
  name,
  parentType,
  id,
  isProtected: false,
  isRetained,
});

describe("recordedResources", () => {
  it("picks out what Azure keeps after a deletion, and nothing that stays or is no object ID", () => {
    const application = "azuread:index/application:Application";
    expect(
      recordedResources([
        held("azure-native:resources:ResourceGroup", "group", group),
        held("azure-native:keyvault:Vault", "vault", vaultId),
        held("azure-native:operationalinsights:Workspace", "logs", `${group}/logs`),
        held("azure-native:managedidentity:UserAssignedIdentity", "reader", `${group}/reader`),
        held(application, "Mail", `/applications/${applicationId}`),
        held(application, "Kept", `/applications/${applicationId}`, true),
        held(
          application,
          "Mail-logic-app",
          `/applications/${audienceId}`,
          false,
          "copilot-token:infra:LogicAppAudience",
        ),
        held(application, "Odd", "/applications/none"),
        held("azuread:index/applicationPassword:ApplicationPassword", "Mail-1", "id", true),
        held("random:index/randomUuid:RandomUuid", "Mail-logic-app", applicationId),
        held("random:index/randomUuid:RandomUuid", "stack-id", stackId),
      ]),
    ).toEqual({
      stackId,
      directoryObjects: [
        { kind: "application", purpose: "app", app: "Mail", objectId: applicationId },
        { kind: "application", purpose: "logicApp", app: "Mail-logic-app", objectId: audienceId },
      ],
      vaults: [{ vaultId }],
      workspaces: [`${group}/logs`],
      managedIdentities: true,
    });
  });
});

describe("an app whose component the plugin makes", () => {
  it("is recorded with the ID that it is marked with, which another app does not share", () => {
    const application = "azuread:index/application:Application";
    const { stackId: whole, directoryObjects } = recordedResources([
      held(application, "Mail", `/applications/${applicationId}`),
      held(application, "Other", `/applications/${audienceId}`),
      held("random:index/randomUuid:RandomUuid", "Mail-stack-id", stackId),
    ]);
    expect([whole, directoryObjects.map((object) => object.stackId)]).toEqual([
      undefined,
      [stackId, undefined],
    ]);
  });
});

describe("readRecord", () => {
  const { localeError } = z.config();
  let folder: string;
  beforeEach(async () => {
    // As it is where nothing has loaded the other form of zod.
    z.config({ localeError: undefined });
    folder = await mkdtemp(join(tmpdir(), "record-"));
  });
  afterEach(async () => {
    z.config({ localeError });
    await rm(folder, { recursive: true });
  });

  it("says what is wrong with each part of a record that no run wrote", async () => {
    const file = recordFile(folder, "dev");
    await mkdir(dirname(file));
    await writeFile(file, JSON.stringify({ version: 2, stack: 3 }));
    const message = await readRecord(file).catch((error: unknown) => String(error));
    expect(message).toContain("✖ Invalid input: expected 1\n  → at version");
    expect(message).toContain("✖ Invalid input: expected string, received number\n  → at stack");
  });
});

describe("continued", () => {
  const recordOf = (objectId: string, more: Partial<DestroyRecord> = {}): DestroyRecord => ({
    version: 1,
    stack: "dev",
    tenantId: "5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70",
    startedAt: "2026-11-25T10:00:00Z",
    directoryObjects: [{ kind: "application", purpose: "app", app: "Mail", objectId }],
    vaults: [],
    workspaces: [],
    managedIdentities: false,
    earlier: [],
    ...more,
  });
  const first = recordOf("11111111-2222-4333-8444-555555555555", { managedIdentities: true });
  const second = recordOf("22222222-2222-4333-8444-555555555555", { startedAt: "2026-11-25T11:00:00Z" });

  it("keeps what an interrupted destruction took away, and when it began", () => {
    expect(continued(first, second)).toEqual({
      ...second,
      startedAt: first.startedAt,
      directoryObjects: [...first.directoryObjects, ...second.directoryObjects],
      managedIdentities: true,
    });
    expect(continued(first, first)).toEqual(first);
  });

  it.each([
    ["was finished", { ...first, finishedAt: "2026-11-25T10:05:00Z" }],
    ["was in another tenant", { ...first, tenantId: "00000000-1111-4222-8333-444444444444" }],
  ])("begins anew after one that %s, and keeps that one's record", (_what, before) => {
    const kept = Object.fromEntries(
      Object.entries(before).filter(([key]) => !["version", "stack", "earlier"].includes(key)),
    );
    const both = continued(before, second);
    expect(both).toEqual({ ...second, earlier: [kept] });
    const third = recordOf("33333333-2222-4333-8444-555555555555", { startedAt: "2026-11-25T12:00:00Z" });
    const all = continued({ ...both, finishedAt: "2026-11-25T11:05:00Z" }, third);
    expect(all.earlier.map(({ startedAt }) => startedAt)).toEqual([second.startedAt, first.startedAt]);
    expect(ofDestruction(all, first.startedAt)).toEqual({ ...kept, version: 1, stack: "dev", earlier: [] });
    expect(ofDestruction(all, third.startedAt)).toEqual(all);
    expect(ofDestruction(all, "2020-01-01T00:00:00Z")).toBeUndefined();
  });

  it("forgets an earlier destruction of which Azure keeps nothing any more", () => {
    const late = recordOf("22222222-2222-4333-8444-555555555555", { startedAt: "2027-02-24T10:00:00Z" });
    expect(continued({ ...first, finishedAt: "2026-11-25T10:05:00Z" }, late).earlier).toEqual([]);
  });

  it("begins anew where there was none", () => {
    expect(continued(undefined, second)).toEqual(second);
  });
});

describe("recordFile", () => {
  it("is a stack's own, without its organisation", () => {
    expect(recordFile("/project", "contoso/copilot-token/prod")).toBe(
      "/project/.copilot-token/destroyed-prod.json",
    );
  });
});
