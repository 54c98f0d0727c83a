import { cloudNames } from "./clouds";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { EmulatorError } from "../errors";
import type { TenantState } from "./tenant";

const things = z.record(z.string(), z.looseObject({}));
const identified = z.record(z.string(), z.looseObject({ id: z.string() }));

/** The skeleton on which every service relies; what hangs on it, the emulator itself has written. */
const shape = z.looseObject({
  version: z.literal(1),
  cloud: z.enum(cloudNames).optional(),
  tenantId: z.guid(),
  tenantDisplayName: z.string(),
  defaultDomain: z.string(),
  subscriptionId: z.guid(),
  directory: z.looseObject({
    applications: z.record(
      z.string(),
      z.looseObject({ appId: z.guid(), passwordCredentials: z.array(z.looseObject({})) }),
    ),
    servicePrincipals: z.record(
      z.string(),
      z.looseObject({ appId: z.guid(), appRoles: z.array(z.looseObject({})) }),
    ),
    users: identified,
    groups: identified,
    sites: identified,
    appRoleAssignments: identified,
    deletedItems: things,
    policies: z.looseObject({
      defaultAppManagementPolicy: z.looseObject({}),
      appManagementPolicies: things,
      appManagementPolicyAssignments: z.record(z.string(), z.string()),
    }),
  }),
  arm: z.looseObject({
    resources: identified,
    roleAssignments: identified,
    roleDefinitions: things,
    deletedVaults: things,
    registeredProviders: z.array(z.string()),
  }),
  vaults: z.record(z.string(), z.looseObject({ secrets: things, deletedSecrets: things })),
});

/**
 * Reads a tenant that an earlier run kept.
 *
 * @returns `undefined` when there is no such file yet.
 * @throws {EmulatorError} `STATE_DAMAGED` for a file that holds something else; it is left as it is.
 *   `STATE_NOT_WRITTEN` where none could be kept either.
 */
export async function loadState(file: string): Promise<TenantState | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      // Better said now than once there is a tenant to lose.
      if (!existsSync(dirname(file))) throw notWritten(file, "there is no such folder", error);
      return undefined;
    }
    throw damaged(file, "it cannot be read", error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, `it is not whole JSON (${text.length} characters)`, error);
  }
  const result = shape.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw damaged(
      file,
      `${issue?.path.join(".") ?? "its content"} is wrong: ${issue?.message ?? ""}`,
      result.error,
    );
  }
  return value as TenantState;
}

/**
 * Keeps a tenant for the next run. The file is whole at any moment: it is written beside and then renamed. It holds
 * vault secrets in plain text, so only its owner can read it.
 *
 * @throws {EmulatorError} `STATE_NOT_WRITTEN`.
 */
export async function saveState(file: string, state: TenantState): Promise<void> {
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, `${JSON.stringify(state)}\n`, { mode: 0o600 });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw notWritten(file, (error as Error).message, error);
  }
}

function notWritten(file: string, reason: string, cause: unknown): EmulatorError {
  return new EmulatorError(
    "STATE_NOT_WRITTEN",
    `The tenant cannot be kept in ${file}: ${reason}. Name a file in a folder that exists and that you may write to.`,
    { cause },
  );
}

function damaged(file: string, reason: string, cause: unknown): EmulatorError {
  return new EmulatorError(
    "STATE_DAMAGED",
    `${file} does not hold an emulated tenant: ${reason}. It was left as it is. ` +
      "Name another file with --state, or move this one away to begin with a new tenant.",
    { cause },
  );
}
