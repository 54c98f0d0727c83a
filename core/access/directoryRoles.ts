/** A built-in role of Entra, which people hold where machines hold Graph permissions. */
export interface DirectoryRole {
  readonly name: string;
  /** What a user's token lists in `wids`, the same in every tenant. */
  readonly templateId: string;
}

/** @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference (read 2026-11) */
export const directoryRoles = {
  globalAdministrator: {
    name: "Global Administrator",
    templateId: "62e90394-69f5-4237-9190-012177145e10",
  },
  privilegedRoleAdministrator: {
    name: "Privileged Role Administrator",
    templateId: "e8611ab8-c189-46e8-94e1-60213ab1f814",
  },
  applicationAdministrator: {
    name: "Application Administrator",
    templateId: "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
  },
  cloudApplicationAdministrator: {
    name: "Cloud Application Administrator",
    templateId: "158c047a-c907-4556-b7ef-446551a6b5f7",
  },
  sharePointAdministrator: {
    name: "SharePoint Administrator",
    templateId: "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
  },
} as const satisfies Readonly<Record<string, DirectoryRole>>;

/** A role's name by its template ID; the ID itself for a role that is none of ours. */
export function directoryRoleName(templateId: string): string {
  return (
    Object.values<DirectoryRole>(directoryRoles).find((role) => role.templateId === templateId)?.name ??
    templateId
  );
}
