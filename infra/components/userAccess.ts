import * as azuread from "@pulumi/azuread";
import * as pulumi from "@pulumi/pulumi";
import type { PermissionScope } from "../../core/permissions/delegatedPermissions";
import {
  consentFor,
  defaultAccess,
  type ExistingAssignment,
  type ExistingConsent,
} from "../../core/permissions/existingConsents";
import { valueIfKnown } from "../known";
import type { Recorded } from "../plan/tenant";
import { userScopeId } from "./appRegistration";

export interface UserAccessArgs {
  /** Object ID of the app's service principal. */
  principalObjectId: pulumi.Input<string>;
  /** Object ID of Microsoft Graph's service principal. */
  graphObjectId: string;
  /** Graph's resource path of the app registration, `/applications/{objectId}`. */
  applicationId: pulumi.Input<string>;
  /** Delegated permissions to consent to. */
  scopes: PermissionScope[];
  /** Object IDs of the users to consent for; empty for all users. */
  users: string[];
  /**
   * Grants that the app has already. Those that the state lacks are imported, since Graph refuses a second one. Default: none;
   * so it is where the value is not known in a preview.
   */
  existingConsents?: pulumi.Input<ExistingConsent[]>;
  /** Object IDs of users and groups that are assigned to the app. */
  assignedTo: string[];
  /**
   * Users and groups that are assigned already. Those that the state lacks are imported, since Graph refuses a second
   * assignment. Default: none; so it is where the value is not known in a preview.
   */
  existingAssignments?: pulumi.Input<ExistingAssignment[]>;
  /** Clients of Microsoft's that may use the app's own scope: in Teams for single sign-on, and for a custom connector. */
  clients: MicrosoftClient[];
}

/** A client of Microsoft's that may use the app's own scope. */
export const MicrosoftClient = {
  teamsDesktop: "teams-desktop",
  teamsWeb: "teams-web",
  connector: "connector",
} as const;
export type MicrosoftClient = (typeof MicrosoftClient)[keyof typeof MicrosoftClient];

/**
 * @see https://learn.microsoft.com/microsoft-copilot-studio/configure-sso-teams (read 2026-11): the clients of Teams
 * @see https://learn.microsoft.com/microsoft-copilot-studio/advanced-custom-connector-on-behalf-of (read 2026-11): Azure
 *   API Connections
 */
const microsoftClients: Readonly<Record<MicrosoftClient, string>> = {
  "teams-desktop": "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
  "teams-web": "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",
  connector: "fe053c5f-3692-4f14-aef2-ee34fc081cae",
};

const assignmentType = "appRoleAssignment:AppRoleAssignment";
const grantType = "servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant";

export interface UserAccessOptions extends pulumi.ComponentResourceOptions {
  /** What the state holds as the run begins. Default: nothing. */
  recorded?: Recorded | undefined;
}

/** Lets users sign in to an app, and consents to what it does in their name. */
export class UserAccess extends pulumi.ComponentResource {
  /** Delegated permissions that have consent when the run ends. */
  readonly delegated: pulumi.Output<string[]>;

  constructor(name: string, args: UserAccessArgs, { recorded = new Map(), ...opts }: UserAccessOptions = {}) {
    super("copilot-token:infra:UserAccess", name, {}, opts);
    // Graph takes one grant for each pair, so that a replacement cannot come first.
    const options = { parent: this, deleteBeforeReplace: true };
    const isHeld = (type: string, resource: string): boolean =>
      [...recorded.keys()].some((urn) => urn.endsWith(`${type}::${resource}`));
    // A service principal that is still to be made has neither consent nor assignments.
    const existingConsents = valueIfKnown(pulumi.output(args.existingConsents ?? [])).then(
      (consents = []) => consents,
    );
    const grants = existingConsents.then((consents) =>
      (args.users.length === 0 ? [undefined] : args.users).map((userObjectId) => {
        const resource = `${name}-${userObjectId === undefined ? "all-users" : `user-${userObjectId.toLowerCase()}`}`;
        const found = isHeld(grantType, resource) ? undefined : consentFor(consents, userObjectId);
        return new azuread.ServicePrincipalDelegatedPermissionGrant(
          resource,
          {
            servicePrincipalObjectId: args.principalObjectId,
            resourceServicePrincipalObjectId: args.graphObjectId,
            claimValues: args.scopes.map((scope) => scope.name),
            ...(userObjectId === undefined ? {} : { userObjectId }),
          },
          // Imported as found; the next run brings it in line with the settings.
          found === undefined
            ? options
            : { ...options, import: `/oauth2PermissionGrants/${found.grantId}`, ignoreChanges: ["*"] },
        );
      }),
    );
    const assignments = valueIfKnown(pulumi.output(args.existingAssignments ?? [])).then((existing = []) =>
      Promise.all(
        args.assignedTo.map(async (given) => {
          const objectId = given.toLowerCase();
          const resource = `${name}-assigned-${objectId}`;
          const found = isHeld(assignmentType, resource)
            ? undefined
            : existing.find(({ assignedObjectId }) => assignedObjectId.toLowerCase() === objectId);
          const resourceObjectId = found && (await valueIfKnown(pulumi.output(args.principalObjectId)));
          return new azuread.AppRoleAssignment(
            resource,
            {
              appRoleId: defaultAccess,
              principalObjectId: objectId,
              resourceObjectId: args.principalObjectId,
            },
            found === undefined || resourceObjectId === undefined
              ? options
              : {
                  ...options,
                  import: `/servicePrincipals/${resourceObjectId}/appRoleAssignedTo/${found.assignmentId}`,
                },
          );
        }),
      ),
    );
    this.preAuthorize(name, args.applicationId, args.clients);
    this.delegated = pulumi
      .output(grants.then((all) => pulumi.all(all.map((grant) => grant.claimValues))))
      .apply((lists) => lists[0] ?? []);
    const assignedTo = pulumi.output(
      assignments.then((all) => pulumi.all(all.map((assignment) => assignment.principalObjectId))),
    );
    this.registerOutputs({ delegated: this.delegated, assignedTo });
  }

  /** Graph refuses two writes to one application at the same time, so that one waits for the other. */
  private preAuthorize(
    name: string,
    applicationId: pulumi.Input<string>,
    clients: readonly MicrosoftClient[],
  ): void {
    let before: pulumi.Resource[] = [];
    for (const client of clients) {
      const authorized = new azuread.ApplicationPreAuthorized(
        `${name}-${client}`,
        { applicationId, authorizedClientId: microsoftClients[client], permissionIds: [userScopeId] },
        { parent: this, dependsOn: before },
      );
      before = [authorized];
    }
  }
}
