import { empty } from "../server/http";
import { writeApplications } from "./access";
import { requireApplication } from "./lookup";
import type { Route } from "./route";

/**
 * `logo`: taken and forgotten, since no part of the emulated tenant shows it.
 *
 * @see https://learn.microsoft.com/graph/api/resources/application (read 2026-11)
 */
export const logoRoutes: readonly Route[] = (["PUT", "PATCH"] as const).map((method) => ({
  method,
  pattern: "applications/{application}/logo",
  allowedBy: writeApplications,
  orOwner: true,
  handle: (context) => {
    requireApplication(context);
    return empty();
  },
}));
