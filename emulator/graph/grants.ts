import type { AppRoleAssignment, Tenant } from "../tenant/tenant";
import { findDirectoryObject } from "./directoryObjects";

/** App role assignments whose both ends exist: of what is deleted, they stay unseen until it is restored. */
export function liveAssignments(tenant: Tenant): AppRoleAssignment[] {
  const { state } = tenant;
  return Object.values(state.directory.appRoleAssignments).filter(
    ({ principalId, resourceId }) =>
      state.directory.servicePrincipals[resourceId] !== undefined &&
      findDirectoryObject(principalId, tenant) !== undefined,
  );
}

/** Grants that a principal holds. */
export function assignmentsOf(principalObjectId: string, tenant: Tenant): AppRoleAssignment[] {
  return liveAssignments(tenant).filter(({ principalId }) => principalId === principalObjectId);
}

/** Grants on a resource. */
export function assignmentsTo(resourceObjectId: string, tenant: Tenant): AppRoleAssignment[] {
  return liveAssignments(tenant).filter(({ resourceId }) => resourceId === resourceObjectId);
}
