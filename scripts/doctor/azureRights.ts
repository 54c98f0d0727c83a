import { roleAssignment } from "../../core/azureCli";
import { commandFix, personFix, type Fix } from "../../core/fix";
import * as z from "zod/mini";
import { actionMatches, conditionVersion, delegationCondition } from "../../core/access/azureRoles";
import {
  azureRights,
  isCustomRole,
  rightsOf,
  type AzureAction,
  type AzureRight,
} from "../../core/access/rights";
import { listArm } from "../../azure/arm";
import { inParallel } from "../../core/inParallel";
import { knowing } from "../shared/known";
import type { Finding } from "../verify/report";
import type { DoctorContext } from "./context";
import { fail, pass, skip, warn } from "./finding";

const patterns = z.nullish(z.array(z.string()));
const permission = z.object({
  actions: patterns,
  notActions: patterns,
  dataActions: patterns,
  notDataActions: patterns,
});

type Permission = z.infer<typeof permission>;

/** A right, where it has to be held, and what of it the identity lacks there. */
interface Held {
  readonly right: AzureRight;
  readonly scope: string;
  readonly lacks: readonly string[];
}

/** The identity's rights in Azure against what its work needs; its state lies where only Pulumi looks. */
export async function checkAzureRights(context: DoctorContext): Promise<Finding> {
  const { identity, graphToken, subscriptionId, settings, who } = context;
  if (!identity.known || !graphToken.known) return skip("not reached: see identity");
  if (!subscriptionId.known) {
    return fail(
      subscriptionId.error.message,
      personFix("rights.subscription", "Set ARM_SUBSCRIPTION_ID to the subscription's ID."),
    );
  }
  const subscription = `/subscriptions/${subscriptionId.value}`;
  const certificates =
    settings.known &&
    Object.values(settings.value.apps).some(({ credential }) => credential === "certificate");
  const rights = azureRights(rightsOf(who, { certificates }));
  const needed = context.world.inOtherProgram ? rights.flatMap(ofComponent) : rights;
  const places = needed.flatMap((right) => {
    const scope = scopeOf(right, subscription, context);
    return scope === undefined ? [] : [{ right, scope }];
  });
  if (places.length === 0) {
    return skip("the vault is not known yet: run this again after the first pulumi up, with its outputs");
  }
  const held = await knowing(
    inParallel(places, places.length, async ({ right, scope }): Promise<Held> => {
      const permissions = await readPermissions(context, scope);
      const lacks = right.uses.filter((use) => !permissions.some((one) => allows(one, use))).map(nameOf);
      return { right, scope, lacks };
    }),
  );
  if (!held.known) {
    // An identity with any role there may read what the role allows.
    return fail(
      `the identity's rights on ${subscription} could not be read: ${held.error.message}`,
      personFix(
        "rights.subscription",
        "Is it the right subscription (ARM_SUBSCRIPTION_ID), and has the identity any role there?",
      ),
    );
  }
  const missing = held.value.filter(({ lacks }) => lacks.length > 0);
  const lacking = missing.flatMap(({ lacks }) => lacks);
  const evidence = { subscription: subscriptionId.value, missing: lacking };
  const scopes = [...new Set(places.map(({ scope }) => scope))].join(", ");
  if (missing.length === 0) return pass(`${scopes}: everything that the ${who} does`, evidence);
  const judge = missing.every(({ right }) => right.later === true) ? warn : fail;
  return judge(
    `the identity may not ${lacking.join(", ")}`,
    missing.map((one) => fixOf(one, context.callerObjectId)),
    evidence,
  );
}

/** What a component needs of a right: its program makes the vault and all else in Azure, by rights of its own. */
function ofComponent(right: AzureRight): AzureRight[] {
  if (right.scope !== "stack") return [right];
  const uses = right.uses.filter((use) =>
    /^Microsoft\.(?:KeyVault\/vaults\/secrets|Authorization\/roleAssignments)\//.test(nameOf(use)),
  );
  return uses.length === 0 ? [] : [{ ...right, scope: "vault", uses }];
}

/** Where a right is looked for; undefined where that is not there yet, or lies outside the stack. */
function scopeOf(
  { scope }: AzureRight,
  subscription: string,
  { outputs }: DoctorContext,
): string | undefined {
  if (scope === "stack") return subscription;
  return scope === "vault" && outputs.known ? outputs.value.vaultResourceId : undefined;
}

async function readPermissions({ client, identity }: DoctorContext, scope: string): Promise<Permission[]> {
  if (!identity.known) throw identity.error;
  const path = `${scope}/providers/Microsoft.Authorization/permissions`;
  return listArm(client, identity.value, path, "2022-04-01", permission);
}

function fixOf({ right: { role, mayAssign }, scope }: Held, objectId: string | undefined): Fix {
  if (isCustomRole(role)) {
    return personFix(
      "rights.custom-role",
      `Give it the role "${role.name}" at ${scope}: infra/bootstrap defines and assigns it (identities.rotator.scopes).`,
    );
  }
  if (objectId === undefined) {
    return personFix(
      "rights.subscription",
      `Assign the role "${role.name}" at ${scope} to the signed-in identity.`,
    );
  }
  const condition =
    mayAssign === undefined ? undefined : { text: delegationCondition(mayAssign), version: conditionVersion };
  return commandFix(
    "rights.azure",
    "As an administrator of the subscription",
    roleAssignment(role, objectId, scope, condition),
  );
}

/** Each block allows by pattern, less what it takes back itself; blocks add up. */
function allows({ actions, notActions, dataActions, notDataActions }: Permission, use: AzureAction): boolean {
  const [granted, taken] = "action" in use ? [actions, notActions] : [dataActions, notDataActions];
  const covers = (list: readonly string[] | null | undefined): boolean =>
    (list ?? []).some((pattern) => actionMatches(pattern, nameOf(use)));
  return covers(granted) && !covers(taken);
}

function nameOf(use: AzureAction): string {
  return "action" in use ? use.action : use.dataAction;
}
