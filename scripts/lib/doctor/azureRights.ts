import { z } from "zod";
import { getArm } from "../armApi";
import { knowing } from "../known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

const permissionList = z.object({
  value: z.array(z.object({ actions: z.array(z.string()), notActions: z.array(z.string()).default([]) })),
});

type Permission = z.infer<typeof permissionList>["value"][number];

/** What `pulumi up` does in the subscription, and the smallest built-in role that allows it. */
const needs: readonly { readonly action: string; readonly role: string }[] = [
  { action: "Microsoft.Resources/subscriptions/resourceGroups/write", role: "Contributor" },
  { action: "Microsoft.KeyVault/vaults/write", role: "Contributor" },
  { action: "Microsoft.KeyVault/vaults/secrets/write", role: "Contributor" },
  { action: "Microsoft.OperationalInsights/workspaces/write", role: "Contributor" },
  { action: "Microsoft.Insights/diagnosticSettings/write", role: "Contributor" },
  {
    action: "Microsoft.Authorization/roleAssignments/write",
    role: "Role Based Access Control Administrator",
  },
];

/** The deployer's rights in the subscription against what this stack needs. */
export async function checkAzureRights({
  client,
  identity,
  graphToken,
  subscriptionId,
  callerObjectId,
}: DoctorContext): Promise<Finding> {
  if (!identity.known || !graphToken.known) return skip("not reached: see identity");
  if (!subscriptionId.known) {
    return fail(subscriptionId.error.message, "export ARM_SUBSCRIPTION_ID=<subscription>");
  }
  const scope = `/subscriptions/${subscriptionId.value}`;
  const path = `${scope}/providers/Microsoft.Authorization/permissions`;
  const permissions = await knowing(getArm(client, identity.value, path, "2022-04-01", permissionList));
  if (!permissions.known) {
    return warn(
      `the identity's rights on ${scope} could not be read: ${permissions.error.message}`,
      "Is it the right subscription (ARM_SUBSCRIPTION_ID), and has the identity any role there?",
    );
  }
  const missing = needs.filter(({ action }) => !permissions.value.value.some((one) => allows(one, action)));
  const evidence = { subscription: subscriptionId.value, missing: missing.map(({ action }) => action) };
  if (missing.length === 0) return pass(`${scope}: everything that the stack writes`, evidence);
  const roles = [...new Set(missing.map(({ role }) => role))];
  const who = callerObjectId ?? "<object id>";
  return fail(
    `the identity may not ${missing.map(({ action }) => action).join(", ")}`,
    roles
      .map(
        (role) => `az role assignment create --role "${role}" --assignee-object-id ${who} --scope ${scope}`,
      )
      .join("; "),
    evidence,
  );
}

/** Each block allows by pattern, less what it takes back itself; blocks add up. */
function allows({ actions, notActions }: Permission, action: string): boolean {
  return (
    actions.some((pattern) => matches(pattern, action)) &&
    !notActions.some((pattern) => matches(pattern, action))
  );
}

/** Azure's patterns: `*` stands for anything, case does not matter. */
function matches(pattern: string, action: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "i").test(action);
}
