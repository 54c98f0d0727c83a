import * as authorization from "@pulumi/azure-native/authorization";
import type * as pulumi from "@pulumi/pulumi";
import { type PrincipalType, conditionVersion } from "../../core/access/azureRoles";

export interface RoleAssignmentArgs {
  /** ARM ID of where the role is held. */
  scope: pulumi.Input<string>;
  /** Full ID of the role. */
  roleDefinitionId: pulumi.Input<string>;
  /** Object ID of the identity that gets the role. */
  principalId: pulumi.Input<string>;
  /** Always stated: Azure would look a new identity up, and not find it yet. */
  principalType: PrincipalType;
  /** Under which it is held. Default: none. */
  condition?: string;
}

/** Lets one identity hold one role at one place. */
export function assignRole(name: string, args: RoleAssignmentArgs, parent: pulumi.Resource): void {
  new authorization.RoleAssignment(
    name,
    { ...args, ...(args.condition === undefined ? {} : { conditionVersion }) },
    // Azure refuses a second assignment of the same role to the same identity, so a replacement cannot come first.
    { parent, deleteBeforeReplace: true },
  );
}
