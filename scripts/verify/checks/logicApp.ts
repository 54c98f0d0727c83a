import { commandFix, refreshCommand } from "../../../core/fix";
import { isDeepStrictEqual } from "node:util";
import { logicAppAccess } from "../../../core/agent/logicAppAccess";
import { logicAppDefinition } from "../../../core/agent/logicAppDefinition";
import { connectorClientId } from "../../../core/agent/logicAppRequest";
import type { AppEvidence, StackEvidence } from "../evidence";
import type { Finding } from "../report";
import { counted, notSeen } from "./explain";

/**
 * `logic-app`: it accepts the callers in the settings and sends the requests in the settings. Anyone who may change the
 * workflow could make it send any request that the identity may.
 *
 * @returns undefined where the app has none.
 */
export function checkLogicApp(
  app: AppEvidence,
  { cloud, outputs: { tenantId }, stackName }: StackEvidence,
): Finding | undefined {
  const { logicApp: wanted, identityResourceId } = app.outputs;
  if (wanted?.access === undefined || identityResourceId === undefined || app.logicApp === undefined) {
    return undefined;
  }
  const { access, requests } = wanted;
  if (!app.logicApp.known) {
    return notSeen(
      "the Logic App",
      app.logicApp.error,
      "To have this checked too, give the caller the role Reader at the Logic App.",
    );
  }
  const { state, accessControl, definition } = app.logicApp.value;
  const wrong = [
    ...(state === "Enabled" ? [] : [`it is ${state ?? "in no known state"}`]),
    ...differences(accessControl, logicAppAccess(cloud, { tenantId, ...access })).map(
      (part) => `others may call it than the settings say (${part})`,
    ),
    ...differences(definition, logicAppDefinition(cloud, requests, identityResourceId)).map(
      (part) => `it does something else than the stack made it for (${part})`,
    ),
  ];
  const evidence = {
    resourceId: wanted.resourceId,
    callers: access.callers,
    users: access.users,
    requests: requests.map(({ name, path }) => `${name}: ${path}`),
  };
  if (wrong.length > 0) {
    return {
      status: "fail",
      summary: wrong.join("; "),
      evidence,
      fixes: [
        commandFix(
          "logic-app.restore",
          "It was changed outside Pulumi. The Logic App's activity log says who did it (Write Workflow)",
          refreshCommand(stackName),
        ),
      ],
    };
  }
  const others = access.callers.filter((caller) => caller.toLowerCase() !== connectorClientId);
  const callers = [
    ...(access.users.length > 0 ? [counted(access.users.length, "user")] : []),
    ...(others.length > 0 ? [counted(others.length, "service")] : []),
  ];
  return {
    status: "pass",
    summary: `open to ${callers.join(" and ")} with Entra tokens only; performs ${counted(requests.length, "request")} and nothing else`,
    evidence,
  };
}

/**
 * Where what is there is not what was sent, by path. Azure may fill in what was not stated at the outermost level, and
 * it writes its own IDs in whatever case.
 */
function differences(actual: unknown, intended: object): string[] {
  const parts = Object.entries(JSON.parse(JSON.stringify(intended)) as Record<string, unknown>);
  const seen = typeof actual === "object" && actual !== null ? (actual as Record<string, unknown>) : {};
  return parts.flatMap(([name, part]) =>
    isDeepStrictEqual(comparable(seen[name]), comparable(part)) ? [] : [name],
  );
}

function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null).replace(/"\/subscriptions\/[^"]*"/gi, (id) => id.toLowerCase()),
  );
}
