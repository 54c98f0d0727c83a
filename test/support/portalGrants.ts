import { randomUUID } from "node:crypto";
import { graphObjectId } from "../../emulator/tenant/seed";
import type { TenantState } from "../../emulator/tenant/tenant";

/** What a person does in the portal to the permissions of one app. */
export interface PortalGrants {
  /** Names of the permissions that the app holds, sorted. */
  held(): readonly (string | undefined)[];
  assignmentId(permission: string): string | undefined;
  revoke(permission: string): void;
  /** @returns the assignment's ID. */
  grant(permission: string): string;
}

/** @param state Asked anew each time, since a tenant may be put back to an earlier state. */
export function portalGrants(state: () => TenantState, displayName: string): PortalGrants {
  const directory = () => state().directory;
  const roles = () => directory().servicePrincipals[graphObjectId]?.appRoles ?? [];
  const nameOf = (appRoleId: string) => roles().find(({ id }) => id === appRoleId)?.value;
  const grants = () =>
    Object.values(directory().appRoleAssignments).filter(
      ({ principalDisplayName }) => principalDisplayName === displayName,
    );
  const assignmentId = (permission: string) =>
    grants().find(({ appRoleId }) => nameOf(appRoleId) === permission)?.id;
  return {
    assignmentId,
    held: () =>
      grants()
        .map(({ appRoleId }) => nameOf(appRoleId))
        .sort(),
    revoke: (permission) => {
      Reflect.deleteProperty(directory().appRoleAssignments, assignmentId(permission) ?? "");
    },
    grant: (permission) => {
      const id = randomUUID();
      const principal = Object.values(directory().servicePrincipals).find(
        (one) => one.displayName === displayName,
      );
      directory().appRoleAssignments[id] = {
        id,
        appRoleId: roles().find(({ value }) => value === permission)?.id ?? "",
        principalId: principal?.id ?? "",
        principalDisplayName: displayName,
        principalType: "ServicePrincipal",
        resourceId: graphObjectId,
        resourceDisplayName: "Microsoft Graph",
        createdDateTime: "2026-11-01T00:00:00Z",
      };
      return id;
    },
  };
}
