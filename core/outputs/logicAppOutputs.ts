import * as z from "zod/mini";
import { isArmId } from "../armId";
import { requestName } from "../agent/logicAppRequest";
import { clouds } from "../cloud/clouds";
import { isGraphPath } from "../permissions/graphRequest";
import { isIpv4Range } from "../vault/ipv4Range";

const triggerAddress = new RegExp(
  `^https://[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.(?:${Object.values(clouds)
    .map(({ logicAppSuffix }) => logicAppSuffix.replaceAll(".", "\\."))
    .join("|")})(?::443)?/`,
);

/** The name of a Logic App has letters of English alone. */
function isLogicAppId(id: string): boolean {
  return /\/[\w.()-]+$/.test(id) && isArmId(id, "Microsoft.Logic/workflows");
}

/** What the outputs say: how to call it, and what for. */
export const logicAppOutputs = z.object({
  resourceId: z.string().check(z.refine(isLogicAppId, "no ARM ID of a Logic App")),
  /**
   * Address of its trigger, with the API version and without a signature; a caller adds `&request=<name>`. Users' tokens
   * go there, so it must be one of Azure Logic Apps.
   */
  endpoint: z
    .url()
    .check(
      z.maxLength(1000),
      z.regex(
        triggerAddress,
        `no address of Azure Logic Apps (https://….${clouds.public.logicAppSuffix}/); no token may be sent there`,
      ),
    ),
  /** What a caller's token must be for. */
  audience: z.string().check(z.regex(/^[\w.:/-]{1,200}$/, "no audience")),
  requests: z
    .array(
      z.object({
        name: z.string().check(z.regex(requestName)),
        path: z.string().check(z.refine(isGraphPath, "no path of Microsoft Graph")),
        field: z.string().check(z.regex(/^[a-z][a-z0-9]*$/i)),
      }),
    )
    .check(z.minLength(1)),
  /** Who may call, and the client ID for which their tokens are. */
  access: z.optional(
    z.object({
      audienceClientId: z.guid(),
      callers: z.array(z.guid()),
      users: z.array(z.guid()),
      allowedIpRanges: z.array(z.string().check(z.refine(isIpv4Range))),
    }),
  ),
});

export type LogicAppOutputs = z.infer<typeof logicAppOutputs>;
